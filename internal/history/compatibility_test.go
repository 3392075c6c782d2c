package history

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// testdata/schemaN.db.gz was written by the code that had schema N, with every bucket and
// every field filled. schemaN.json holds its entries by bucket and key in hex. Neither is ever
// written again, because they represent the files of users. [TestFreeze] writes those of the
// newest schema.
func eachSchema(t *testing.T, test func(t *testing.T, name string)) {
	t.Helper()
	for n := range len(migrations) {
		t.Run(fmt.Sprintf("schema %d", n+1), func(t *testing.T) { test(t, frozenName(n+1)) })
	}
}

// stored are the written entries of a file: JSON, or a string of hex for other values.
type stored map[ledger.Bucket]map[string]json.RawMessage

// TestOldHistoryReadsBack opens a copy of each old file and compares the results of all
// methods of the store with the written entries.
func TestOldHistoryReadsBack(t *testing.T) { eachSchema(t, readsBack) }

func readsBack(t *testing.T, name string) {
	want := readStored(t, name)
	s := open(t, unpack(t, name+".db.gz"))
	require.Empty(t, s.SetAside())
	require.NoError(t, s.Probes().Verify())

	episodes := want.sorted(t, ledger.BucketEpisodes)
	all, err := s.Episodes(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Len(t, all, len(episodes))
	for i, e := range all {
		one, ok, err := s.Episode(e.ID)
		require.NoError(t, err)
		require.True(t, ok)
		requireKept(t, episodes[i], one)
		require.Equal(t, kinds.SummaryOf(one), e)
	}
	unfinished, err := s.Unfinished()
	require.NoError(t, err)
	require.Len(t, unfinished, len(want[ledger.BucketEpisodesOpen]))

	measurements, err := s.Measurements(episode.JobRef{}, "", time.Time{}, time.Time{}, 0)
	require.NoError(t, err)
	requireStored(t, want.sorted(t, ledger.BucketMeasures), measurements)
	epochs, err := s.Epochs(episode.JobRef{}, 0)
	require.NoError(t, err)
	requireStored(t, want.sorted(t, ledger.BucketEpochs), epochs)
	requireLater(t, s, want)
	for _, job := range []string{"orders", "billing"} {
		of, err := s.Epochs(episode.JobRef{Cluster: "prod", Job: job}, 0)
		require.NoError(t, err)
		require.NotEmpty(t, of, job)
	}

	records, err := s.Probes().Recent(0)
	require.NoError(t, err)
	requireStored(t, want.sorted(t, ledger.BucketProbeRecords), records)
	open, err := s.Probes().Open(0)
	require.NoError(t, err)
	require.Len(t, open, len(want[ledger.BucketProbeOpen]))
	totals, err := s.Probes().Totals()
	require.NoError(t, err)
	sums := want.sorted(t, ledger.BucketProbeTotals)
	for i, total := range totals {
		requireKept(t, sums[len(sums)-1-i], total)
	}
	require.Len(t, totals, len(sums))

	paused, err := s.Paused()
	require.NoError(t, err)
	requireKept(t, want[ledger.BucketMeta][hexKey(ledger.KeyPaused)], paused)
	locked, err := s.LockedOut()
	require.NoError(t, err)
	requireKept(t, want[ledger.BucketMeta][hexKey(ledger.KeyLockedOut)], locked)
}

// requireLater compares what came with later schemas; an older file has none of it.
func requireLater(t *testing.T, s *Store, want stored) {
	t.Helper()
	alerts, err := s.Declined(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	requireStored(t, want.sorted(t, ledger.BucketDeclined), alerts)
	tests, err := s.ScaleTests(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	var unwrapped []json.RawMessage
	for _, raw := range want.sorted(t, ledger.BucketScaleTests) {
		var entry struct {
			Test json.RawMessage `json:"test"`
		}
		require.NoError(t, json.Unmarshal(raw, &entry))
		unwrapped = append(unwrapped, entry.Test)
	}
	requireStored(t, unwrapped, tests)
	compared, err := s.ComparedTests("", episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Len(t, compared, len(tests))
	for i, test := range tests {
		require.Equal(t, test.Compared().Test(), compared[i])
	}
	runs, err := s.ScaleRuns(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	found := runsOf(t, s)
	require.Len(t, runs, len(found))
	for i, run := range runs {
		require.Equal(t, found[i].Newest, run.Newest)
		require.NotEmpty(t, run.Search, "every field of a test is filled")
	}
	nights, err := s.Evaluations(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	requireStored(t, want.sorted(t, ledger.BucketEvaluations), nights)
	triages, err := s.Triages(episode.JobRef{}, 0)
	require.NoError(t, err)
	requireStored(t, want.sorted(t, ledger.BucketTriage), triages)
	pages := want.sorted(t, ledger.BucketPages)
	require.NoError(t, s.Pages("prod", time.Time{}, func(_ time.Time, page []byte) error {
		require.NotEmpty(t, pages)
		require.Equal(t, fmt.Sprintf("%q", hex.EncodeToString(page)), string(pages[len(pages)-1]))
		pages = pages[:len(pages)-1]
		return nil
	}))
	require.Empty(t, pages)
	scores, err := s.Scores()
	require.NoError(t, err)
	if raw, had := want[ledger.BucketMeta][hexKey(ledger.KeyScores)]; had {
		requireKept(t, raw, scores)
	} else {
		require.Empty(t, scores)
	}
}

// TestOldHistoryIsWritable writes to a copy of each old file: every unfinished episode
// can end, every open record can get a final outcome, and the totals continue.
func TestOldHistoryIsWritable(t *testing.T) { eachSchema(t, isWritable) }

func isWritable(t *testing.T, name string) {
	s := open(t, unpack(t, name+".db.gz"))
	unfinished, err := s.Unfinished()
	require.NoError(t, err)
	for _, e := range unfinished {
		e.State = episode.Failed
		require.NoError(t, s.PutEpisode(e))
	}
	open, err := s.Probes().Open(0)
	require.NoError(t, err)
	require.NotEmpty(t, open)
	for i := range open {
		open[i].Sinks[0].Outcome = episode.Lost
	}
	require.NoError(t, s.Probes().Put(open))
	require.NoError(t, s.PutEpisode(newEpisode(500, "orders", episode.Opened)))
	require.NoError(t, s.Probes().Put([]episode.ProbeRecord{record(500, episode.OnTime)}))
	require.NoError(t, s.Probes().Verify())
	require.NoError(t, s.PutDeclined(episode.Declined{Alert: episode.Alert{Rule: "new"}, Reason: "unknown_job", First: later}))
	require.NoError(t, s.PutScaleTest(scalerun.Test{ID: idAt(501)}))
	require.NoError(t, s.PutEvaluation(episode.Evaluation{ID: idAt(502)}))
	require.NoError(t, s.PutTriage(episode.Triage{ID: idAt(503)}))
	s = reopen(t, s)
	_, stored, err := s.Episode(idAt(500))
	require.NoError(t, err)
	require.True(t, stored)
}

// An older sidecar refuses the file of each newer schema with one line, and does not change
// it. The older one is the present one without its last migrations.
func TestOlderSidecarRefusesTheNewerFile(t *testing.T) {
	all := migrations
	defer func() { migrations = all }()
	for older := range all {
		for newer := older + 1; newer < len(all); newer++ {
			path := unpack(t, frozenName(newer+1)+".db.gz")
			before, err := os.ReadFile(path)
			require.NoError(t, err)
			migrations = all[:older+1]
			_, err = Open(t.Context(), configFor(path), quiet())
			require.EqualError(t, err, fmt.Sprintf("history: written by a newer sidecar: it has schema %d, this sidecar knows up to %d: "+
				"%s (choose another history.path)", newer+1, older+1, path))
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, bytes.Equal(before, after))
		}
	}
}

// The document names the present schema.
func TestTheDocumentNamesTheSchema(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	require.Contains(t, string(text), fmt.Sprintf("- The present schema is %d.", len(migrations)))
}

// requireStored compares a listing, newest first, with the written entries.
func requireStored[T any](t *testing.T, want []json.RawMessage, got []T) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range got {
		requireKept(t, want[i], got[i])
	}
}

// requireKept requires that v as JSON contains all stored fields. It may contain more,
// because fields are added but never removed or renamed.
func requireKept(t *testing.T, want json.RawMessage, v any) {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	var was, is any
	require.NoError(t, json.Unmarshal(want, &was))
	require.NoError(t, json.Unmarshal(data, &is))
	requireWithin(t, was, is, "")
}

func requireWithin(t *testing.T, was, is any, at string) {
	t.Helper()
	switch was := was.(type) {
	case map[string]any:
		object, ok := is.(map[string]any)
		require.True(t, ok, at)
		for name, value := range was {
			require.Contains(t, object, name, at)
			requireWithin(t, value, object[name], at+"."+name)
		}
	case []any:
		list, ok := is.([]any)
		require.True(t, ok, at)
		require.Len(t, list, len(was), at)
		for i := range was {
			requireWithin(t, was[i], list[i], at+"[]")
		}
	default:
		require.Equal(t, was, is, at)
	}
}

func readStored(t *testing.T, name string) (out stored) {
	t.Helper()
	data, err := os.ReadFile(name + ".json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &out))
	return out
}

// sorted returns the entries of a bucket, the last key first; none if the file has no such
// bucket.
func (s stored) sorted(t *testing.T, b ledger.Bucket) (out []json.RawMessage) {
	t.Helper()
	if entries, had := s[b]; had {
		require.NotEmpty(t, entries, b)
	}
	keys := slices.Sorted(maps.Keys(s[b]))
	slices.Reverse(keys)
	for _, key := range keys {
		out = append(out, s[b][key])
	}
	return out
}

func hexKey(key string) string { return hex.EncodeToString([]byte(key)) }

// unpack writes a gzipped file to a directory of the test and returns its path.
func unpack(t *testing.T, name string) string {
	t.Helper()
	packed, err := os.ReadFile(name)
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	data, err := io.ReadAll(z)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "history.db")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}
