package history

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// migration brings a file from one schema to the next.
type migration struct {
	name  string
	apply func(*ledger.Txn) error
}

// migrations in order: a file of schema n has the first n applied. A released entry
// never changes; a later entry repairs its mistakes.
var migrations = []migration{
	{"create the buckets", createBuckets},
	{"add summaries of episodes and declined alerts", kinds.AddSummaries},
	{"add scale tests", addScaleTests},
	{"add evaluations", addEvaluations},
	{"add the triage of change points", addTriage},
	{"add pages of metrics", func(t *ledger.Txn) error { return t.Create(ledger.BucketPages) }},
	{"add an index of runs", kinds.AddRuns},
	{"add an index of vertices", kinds.AddVertices},
	{"add what comparisons read of scale tests", kinds.AddCompared},
	{"add a list of runs", kinds.AddRunList},
}

func createBuckets(t *ledger.Txn) error {
	for _, b := range []ledger.Bucket{
		ledger.BucketEpisodes, ledger.BucketEpisodesJob, ledger.BucketEpisodesOpen,
		ledger.BucketMeasures, ledger.BucketMeasuresJob, ledger.BucketEpochs, ledger.BucketEpochsJob,
		ledger.BucketProbeRecords, ledger.BucketProbeOpen, ledger.BucketProbeFinished, ledger.BucketProbeTotals, ledger.BucketProbeForgotten,
	} {
		if err := t.Create(b); err != nil {
			return err
		}
	}
	return nil
}

func addScaleTests(t *ledger.Txn) error {
	for _, b := range []ledger.Bucket{ledger.BucketScaleTests, ledger.BucketScaleTestsJob} {
		if err := t.Create(b); err != nil {
			return err
		}
	}
	return nil
}

func addEvaluations(t *ledger.Txn) error {
	for _, b := range []ledger.Bucket{ledger.BucketEvaluations, ledger.BucketEvaluationsJob} {
		if err := t.Create(b); err != nil {
			return err
		}
	}
	return nil
}

func addTriage(t *ledger.Txn) error {
	for _, b := range []ledger.Bucket{ledger.BucketTriage, ledger.BucketTriageJob} {
		if err := t.Create(b); err != nil {
			return err
		}
	}
	return nil
}

// migrate applies the missing migrations; their transaction has all of them or none.
func migrate(t *ledger.Txn) error {
	for n := ledger.DecodeUint(ledger.Get(t.Tx, ledger.BucketMeta, []byte(ledger.KeySchema))); n < uint64(len(migrations)); n++ {
		if err := migrations[n].apply(t); err != nil {
			return fmt.Errorf("migration %d (%s): %w", n+1, migrations[n].name, err)
		}
		if err := t.Put(ledger.BucketMeta, []byte(ledger.KeySchema), ledger.EncodeUint(n+1)); err != nil {
			return err
		}
	}
	return nil
}
