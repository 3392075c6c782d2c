package history

import (
	"fmt"

	"github.com/oklog/ulid/v2"
)

// bucket is the name of a bucket; doc.go describes the contents.
type bucket string

const (
	bucketMeta           bucket = "meta"
	bucketEpisodes       bucket = "episodes"
	bucketEpisodesJob    bucket = "episodes/by_job"
	bucketEpisodesOpen   bucket = "episodes/unfinished"
	bucketMeasures       bucket = "measurements"
	bucketMeasuresJob    bucket = "measurements/by_job"
	bucketEpochs         bucket = "epochs"
	bucketEpochsJob      bucket = "epochs/by_job"
	bucketProbeRecords   bucket = "probe/records"
	bucketProbeOpen      bucket = "probe/open"
	bucketProbeFinished  bucket = "probe/finished"
	bucketProbeTotals    bucket = "probe/totals"
	bucketProbeForgotten bucket = "probe/forgotten"

	// Since schema 2.
	bucketSummaries   bucket = "episodes/summaries"
	bucketDeclined    bucket = "alerts/declined"
	bucketDeclinedJob bucket = "alerts/declined/by_job"
	bucketDeclinedKey bucket = "alerts/declined/by_occurrence"

	// Since schema 3.
	bucketScaleTests    bucket = "scaletests"
	bucketScaleTestsJob bucket = "scaletests/by_job"

	// Since schema 4.
	bucketEvaluations    bucket = "evaluations"
	bucketEvaluationsJob bucket = "evaluations/by_job"

	// Since schema 5.
	bucketTriage    bucket = "changepoints/triage"
	bucketTriageJob bucket = "changepoints/triage/by_job"

	// Since schema 6.
	bucketPages bucket = "pages"

	// Since schema 7.
	bucketScaleTestsRun bucket = "scaletests/by_run"

	// Since schema 8.
	bucketEpisodesVertex bucket = "episodes/by_vertex"

	// Since schema 9.
	bucketScaleTestsCompared bucket = "scaletests/compared"
)

// The keys of the bucket meta.
const (
	keySchema         = "schema"
	keyDigest         = "digest"
	keyForgottenUntil = "probe_forgotten_until"
	keyPaused         = "paused"
	keyLockedOut      = "locked-out"
	keyScores         = "rule-scores"
	keyFiring         = "firing-trends"
	keyMedians        = "trend-medians"
	keySalvage        = "salvage"
)

// migration brings a file from one schema to the next.
type migration struct {
	name  string
	apply func(*txn) error
}

// migrations in order: a file of schema n has the first n applied. A released entry
// never changes; a later entry repairs its mistakes.
var migrations = []migration{
	{"create the buckets", createBuckets},
	{"add summaries of episodes and declined alerts", addSummaries},
	{"add scale tests", addScaleTests},
	{"add evaluations", addEvaluations},
	{"add the triage of change points", addTriage},
	{"add pages of metrics", func(t *txn) error { return t.create(bucketPages) }},
	{"add an index of runs", addRuns},
	{"add an index of vertices", addVertices},
	{"add what comparisons read of scale tests", addCompared},
}

func createBuckets(t *txn) error {
	for _, b := range []bucket{
		bucketEpisodes, bucketEpisodesJob, bucketEpisodesOpen,
		bucketMeasures, bucketMeasuresJob, bucketEpochs, bucketEpochsJob,
		bucketProbeRecords, bucketProbeOpen, bucketProbeFinished, bucketProbeTotals, bucketProbeForgotten,
	} {
		if err := t.create(b); err != nil {
			return err
		}
	}
	return nil
}

// addSummaries makes a summary of each stored episode, one at a time.
func addSummaries(t *txn) error {
	for _, b := range []bucket{bucketSummaries, bucketDeclined, bucketDeclinedJob, bucketDeclinedKey} {
		if err := t.create(b); err != nil {
			return err
		}
	}
	return t.Bucket([]byte(bucketEpisodes)).ForEach(func(id, _ []byte) error {
		e, _, err := episodes.get(t.Tx, ulid.ULID(id))
		if err != nil {
			return err
		}
		return t.putJSON(bucketSummaries, id, summaryOf(e))
	})
}

func addScaleTests(t *txn) error {
	for _, b := range []bucket{bucketScaleTests, bucketScaleTestsJob} {
		if err := t.create(b); err != nil {
			return err
		}
	}
	return nil
}

func addEvaluations(t *txn) error {
	for _, b := range []bucket{bucketEvaluations, bucketEvaluationsJob} {
		if err := t.create(b); err != nil {
			return err
		}
	}
	return nil
}

func addTriage(t *txn) error {
	for _, b := range []bucket{bucketTriage, bucketTriageJob} {
		if err := t.create(b); err != nil {
			return err
		}
	}
	return nil
}

// addRuns indexes the stored scale tests by their run.
func addRuns(t *txn) error {
	if err := t.create(bucketScaleTestsRun); err != nil {
		return err
	}
	return t.Bucket([]byte(bucketScaleTests)).ForEach(func(id, _ []byte) error {
		stored, _, err := scaleTests.get(t.Tx, ulid.ULID(id))
		if err != nil {
			return err
		}
		return t.put(bucketScaleTestsRun, runKey(stored.Test.Run, ulid.ULID(id)), []byte{})
	})
}

// addCompared stores what comparisons read of the stored scale tests.
func addCompared(t *txn) error {
	if err := t.create(bucketScaleTestsCompared); err != nil {
		return err
	}
	return t.Bucket([]byte(bucketScaleTests)).ForEach(func(id, _ []byte) error {
		var stored storedComparedTest
		if _, err := getJSON(t.Tx, bucketScaleTests, id, &stored); err != nil {
			return err
		}
		return t.putJSON(bucketScaleTestsCompared, id, stored)
	})
}

// migrate applies the missing migrations; their transaction has all of them or none.
func migrate(t *txn) error {
	for n := decodeUint(get(t.Tx, bucketMeta, []byte(keySchema))); n < uint64(len(migrations)); n++ {
		if err := migrations[n].apply(t); err != nil {
			return fmt.Errorf("migration %d (%s): %w", n+1, migrations[n].name, err)
		}
		if err := t.put(bucketMeta, []byte(keySchema), encodeUint(n+1)); err != nil {
			return err
		}
	}
	return nil
}
