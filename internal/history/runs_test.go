package history

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// runsOf are the runs of scale tests, newest first, found the long way: every test is read.
func runsOf(t testing.TB, s *Store) (runs []scalerun.Run) {
	t.Helper()
	tests, err := s.ScaleTests(episode.JobRef{}, "", MaxLimit)
	require.NoError(t, err)
	seen := map[[3]string]bool{}
	for _, test := range tests {
		if key := [3]string{test.Run, test.Cluster, test.Job}; !seen[key] {
			seen[key] = true
			runs = append(runs, scalerun.Run{Run: test.Run, Cluster: test.Cluster, Job: test.Job, Newest: test.ID})
		}
	}
	return runs
}

// TestListOfRuns stores, moves and drops tests at random, and compares the list with the tests.
func TestListOfRuns(t *testing.T) {
	s := openNew(t)
	random := rand.New(rand.NewPCG(1, 17))
	began := scaleTest(0, "orders").Began
	for step := range 400 {
		test := scaleTest(random.IntN(120), "orders")
		if old, stored, err := s.ScaleTest(test.ID); err == nil && stored {
			test.Job = old.Job // a test keeps its job
		} else {
			test.Job = []string{"orders", "billing"}[random.IntN(2)]
		}
		test.Cluster = []string{"", "prod"}[random.IntN(2)]
		test.Run = fmt.Sprintf("run %d", random.IntN(6))
		require.NoError(t, s.PutScaleTest(test))
		if step%50 == 49 {
			s.retention = 24 * time.Hour
			s.Now = func() time.Time { return began.Add(longRetention*24*time.Hour + time.Duration(step/4)*time.Minute) }
			_, err := s.Sweep(t.Context())
			require.NoError(t, err)
		}
		got, err := s.ScaleRuns(episode.JobRef{}, "", 0)
		require.NoError(t, err)
		require.Equal(t, runsOf(t, s), got, step)
	}
	first, err := s.ScaleRuns(episode.JobRef{Job: "billing"}, "", 1)
	require.NoError(t, err)
	require.Equal(t, "billing", first[0].Job)
	s.Now = func() time.Time { return began.Add(10 * 365 * 24 * time.Hour) }
	_, err = s.Sweep(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.view(func(tx *bbolt.Tx) error {
		require.Zero(t, tx.Bucket([]byte(ledger.BucketRuns)).Inspect().KeyN)
		require.Zero(t, tx.Bucket([]byte(ledger.BucketRunsNewest)).Inspect().KeyN)
		return nil
	}))
}

// TestListOfRunsKnowsSearches: the newest test that looked for the sustainable rate, while it is there.
func TestListOfRunsKnowsSearches(t *testing.T) {
	s := openNew(t)
	for n := range 4 {
		test := scaleTest(n, "orders")
		if n < 3 {
			test.Sustainable = &scalerun.Sustainable{}
		}
		require.NoError(t, s.PutScaleTest(test))
	}
	runs, err := s.ScaleRuns(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.Equal(t, scaleTest(2, "orders").ID, runs[0].Search)
	require.Equal(t, scaleTest(3, "orders").ID, runs[0].Newest)
	test, found, err := s.ScaleTest(runs[0].Search)
	require.NoError(t, err)
	require.True(t, found)
	require.NotNil(t, test.Sustainable)
	_, found, err = s.ScaleTest(idAt(999))
	require.NoError(t, err)
	require.False(t, found)
	_, _, err = s.ScaleTest("none")
	require.ErrorContains(t, err, "not a ULID")
}

// manyTests stores tests of runs, each with as many tests of 50 iterations and with long notes.
func manyTests(t testing.TB, runs, tests int) *Store {
	t.Helper()
	s, err := Open(t.Context(), configFor(filepath.Join(t.TempDir(), "h.db")), quiet())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	for run := range runs {
		var of []scalerun.Test
		for n := range tests {
			test := scaleTest(run*tests+n, "orders")
			test.Run = fmt.Sprintf("run %d", run)
			test.Iterations = slices.Repeat(test.Iterations, 50)
			for i := range test.Iterations {
				test.Iterations[i].Notes = []string{strings.Repeat("a note ", 30)}
			}
			of = append(of, test)
		}
		require.NoError(t, s.ImportScaleTests(of))
	}
	return s
}

// TestListOfRunsCostsWhatItShows: ten times as many tests in each run cost no more allocations.
func TestListOfRunsCostsWhatItShows(t *testing.T) {
	allocations := func(tests int) float64 {
		s := manyTests(t, 25, tests)
		return testing.AllocsPerRun(20, func() {
			runs, err := s.ScaleRuns(episode.JobRef{}, "", 20)
			require.NoError(t, err)
			require.Len(t, runs, 20)
		})
	}
	few, many := allocations(2), allocations(20)
	require.Less(t, many, 1.2*few+10)
}

// BenchmarkRuns lists the newest twenty of 25 runs with 30 tests each: from the list, and by reading
// what comparisons read of the tests, as the page did before there was a list.
func BenchmarkRuns(b *testing.B) {
	s := manyTests(b, 25, 30)
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			runs, err := s.ScaleRuns(episode.JobRef{}, "", 20)
			require.NoError(b, err)
			require.Len(b, runs, 20)
		}
	})
	b.Run("tests", func(b *testing.B) {
		for b.Loop() {
			runs, before := map[string]bool{}, ""
			for len(runs) < 20 {
				tests, err := s.ComparedTests("", episode.JobRef{}, before, 30)
				require.NoError(b, err)
				for _, test := range tests {
					runs[test.Run], before = true, test.ID
				}
			}
		}
	})
}
