package history

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/episodetest"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

func scaleTest(n int, job string) scalerun.Test {
	began := time.Date(2026, 1, 1, 0, n, 0, 0, time.UTC)
	rate := float64(1000 + n)
	return scalerun.Test{
		ID: ledger.NewID(began, []byte("0123456789")).String(), Run: "run", Label: "baseline", Cluster: "prod", Job: job,
		Deployment: "a1", Began: began, Shape: "steady", Verdict: scalerun.OK,
		Environment: map[string]string{"kafka_partitions": "4"},
		Iterations:  []scalerun.Iteration{{Iteration: 1, Throughput: &rate, Flags: []string{}, Notes: []string{}}},
		Throughput:  scalerun.Throughput{Value: &rate, Low: &rate, High: &rate}, Warnings: []string{},
	}
}

func TestScaleTestsAreStoredAgainAndListedNewestFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s := open(t, path)
	for n := range 3 {
		require.NoError(t, s.PutScaleTest(scaleTest(n, "orders")))
	}
	require.NoError(t, s.PutScaleTest(scaleTest(7, "billing")))
	again := scaleTest(1, "orders")
	again.Verdict = scalerun.Void
	require.NoError(t, s.PutScaleTest(again))
	require.NoError(t, s.Close())

	s = open(t, path)
	got, err := s.ScaleTests(episode.JobRef{Cluster: "prod", Job: "orders"}, "", 0)
	require.NoError(t, err)
	require.Equal(t, []scalerun.Test{scaleTest(2, "orders"), again, scaleTest(0, "orders")}, got)
	got, err = s.ScaleTests(episode.JobRef{}, got[1].ID, 0)
	require.NoError(t, err)
	require.Equal(t, []scalerun.Test{scaleTest(0, "orders")}, got)
}

func TestScaleTestOfALaterVersionIsNotMisread(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "history.db"))
	test := scaleTest(1, "orders")
	require.NoError(t, s.update(func(t *ledger.Txn) error {
		id := ulid.MustParse(test.ID)
		if err := t.PutJSON(ledger.BucketScaleTestsCompared, id[:], map[string]any{"v": 2, "test": test}); err != nil {
			return err
		}
		return t.PutJSON(ledger.BucketScaleTests, id[:], map[string]any{"v": 2, "test": test})
	}))
	_, err := s.ScaleTests(episode.JobRef{}, "", 0)
	require.ErrorContains(t, err, "use the newer sidecar")
	_, err = s.ComparedTests("", episode.JobRef{}, "", 0)
	require.ErrorContains(t, err, "use the newer sidecar")
}

// TestComparedTestsHaveWhatComparisonsRead: whatever is made of tests is the same, whether they are
// read as a whole or in part. Every field of them has a value.
func TestComparedTestsHaveWhatComparisonsRead(t *testing.T) {
	s := openNew(t)
	f := &episodetest.Filler{}
	for n := range 12 {
		var test scalerun.Test
		f.Fill(&test)
		test.ID, test.Run, test.Cluster, test.Job, test.OpensRun = idAt(n), "r", "prod", "orders", n == 0
		test.Label, test.Baseline = []string{"base", "next"}[n%2], n%2 == 0
		test.Shape, test.PayloadSeed, test.EpochKey = "steady", uint64(n/10), []string{"e1", "e2"}[n%2]
		for i := range test.Iterations {
			test.Iterations[i].WarmUp, test.Iterations[i].Flags = n == 4 && i == 0, []string{}
		}
		test.Iterations[1].Flags = [][]string{{}, {"checkpoint"}}[n%2]
		test.Verdict = scalerun.OK
		switch n {
		case 8, 9:
			test.Imported, test.Sustainable = nil, nil
		case 11:
			test.Verdict = scalerun.Void
		}
		require.NoError(t, s.PutScaleTest(test))
	}
	whole, err := s.RunTests("r", episode.JobRef{Job: "orders"}, "", 0)
	require.NoError(t, err)
	part, err := s.ComparedTests("r", episode.JobRef{Job: "orders"}, "", 0)
	require.NoError(t, err)
	require.Len(t, part, 12)
	for _, tests := range [][]scalerun.Test{whole, part} {
		slices.Reverse(tests)
	}
	require.Equal(t, outcome.NewTable(whole), outcome.NewTable(part))
	require.Len(t, outcome.NewTable(whole).Rows, 4, "two labels, with a rate and without")
	require.NotNil(t, outcome.NewTable(whole).Rows[0].LatencyP99)
	for _, label := range []string{"base", "next"} {
		require.Equal(t, outcome.EpochsOf(whole, label), outcome.EpochsOf(part, label))
	}
	compared, err := outcome.Compare(whole, "base", "next", 20)
	require.NoError(t, err)
	again, err := outcome.Compare(part, "base", "next", 20)
	require.NoError(t, err)
	require.Equal(t, compared, again)
	rows, paired, err := outcome.RowsOf(whole[:8], "")
	require.NoError(t, err)
	rowsAgain, pairedAgain, err := outcome.RowsOf(part[:8], "")
	require.NoError(t, err)
	require.Equal(t, rows, rowsAgain)
	require.Equal(t, paired, pairedAgain)
	for i := range whole {
		require.Equal(t, whole[i].Leads(), part[i].Leads())
		require.Equal(t, whole[i].JobRef(), part[i].JobRef())
	}
}

func TestScaleTestThatCannotBeStored(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "history.db"))
	test := scaleTest(1, "orders")
	test.Reason = strings.Repeat("x", kinds.MaxScaleTest)
	require.ErrorContains(t, s.PutScaleTest(test), "store at most")
	test = scaleTest(1, "orders")
	test.ID = "no ulid"
	require.ErrorContains(t, s.PutScaleTest(test), "not a ULID")
}

// TestImportStoresAllOrNothing: a faulty test, or a run that is there, leaves no trace.
func TestImportStoresAllOrNothing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "history.db"))
	stored := func() int {
		tests, err := s.ScaleTests(episode.JobRef{}, "", 0)
		require.NoError(t, err)
		return len(tests)
	}
	faulty := scaleTest(2, "orders")
	faulty.Reason = strings.Repeat("x", kinds.MaxScaleTest)
	require.ErrorContains(t, s.ImportScaleTests([]scalerun.Test{scaleTest(1, "orders"), faulty}), "store at most")
	require.Zero(t, stored())

	require.NoError(t, s.ImportScaleTests([]scalerun.Test{scaleTest(1, "orders"), scaleTest(2, "orders")}))
	require.NoError(t, s.ImportScaleTests(nil))
	err := s.ImportScaleTests([]scalerun.Test{scaleTest(3, "orders")})
	require.EqualError(t, err, `history: run "run": job "orders" has it already (choose another name with --run)`)
	invalid, ok := errors.AsType[*ledger.InvalidError](err)
	require.True(t, ok && invalid.Invalid())
	require.Equal(t, 2, stored())
	require.NoError(t, s.ImportScaleTests([]scalerun.Test{scaleTest(4, "billing")}), "another job")
}

// TestScaleTestsAreKeptAsLongAsEpisodes sweeps a history with a retention of a day.
func TestScaleTestsAreKeptAsLongAsEpisodes(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "history.db"))
	s.retention = 24 * time.Hour
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s.Now = func() time.Time { return began.Add(longRetention*24*time.Hour + 90*time.Second) }
	for n := range 3 { // the first two are older than four days
		require.NoError(t, s.PutScaleTest(scaleTest(n, "orders")))
	}
	_, err := s.Sweep(t.Context())
	require.NoError(t, err)
	got, err := s.ScaleTests(episode.JobRef{Job: "orders"}, "", 0)
	require.NoError(t, err)
	require.Equal(t, []scalerun.Test{scaleTest(2, "orders")}, got)
}

// TestRunsAreIndexed: the tests of a run are found by its name, whatever is newer; a test that is
// stored again under another run has only that one, and a dropped test has none.
func TestRunsAreIndexed(t *testing.T) {
	s := openNew(t)
	for n := range 6 {
		test := scaleTest(n, "orders")
		test.Run = fmt.Sprintf("run %d", n%2)
		require.NoError(t, s.PutScaleTest(test))
	}
	labels := func(run string) (minutes []int) {
		found, err := s.RunTests(run, episode.JobRef{Job: "orders"}, "", 0)
		require.NoError(t, err)
		for _, test := range found {
			minutes = append(minutes, test.Began.Minute())
		}
		return minutes
	}
	require.Equal(t, []int{4, 2, 0}, labels("run 0"))
	require.Equal(t, []int{5, 3, 1}, labels("run 1"))
	require.Len(t, labels(""), 6)
	require.Empty(t, labels("run 2"))
	found, err := s.RunTests("run 0", episode.JobRef{Job: "billing"}, "", 0)
	require.NoError(t, err)
	require.Empty(t, found)
	page, err := s.RunTests("run 1", episode.JobRef{}, scaleTest(3, "orders").ID, 1)
	require.NoError(t, err)
	require.Equal(t, 1, page[0].Began.Minute())

	moved := scaleTest(2, "orders")
	moved.Run = "run 1"
	require.NoError(t, s.PutScaleTest(moved))
	require.Equal(t, []int{4, 0}, labels("run 0"))
	require.Equal(t, []int{5, 3, 2, 1}, labels("run 1"))

	s.Now = func() time.Time { return moved.Began.Add(10 * 365 * 24 * time.Hour) }
	_, err = s.Sweep(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.view(func(tx *bbolt.Tx) error {
		require.Zero(t, tx.Bucket([]byte(ledger.BucketScaleTestsRun)).Inspect().KeyN)
		require.Zero(t, tx.Bucket([]byte(ledger.BucketScaleTestsCompared)).Inspect().KeyN)
		return nil
	}))
}
