package history

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func scaleTest(n int, job string) episode.ScaleTest {
	began := time.Date(2026, 1, 1, 0, n, 0, 0, time.UTC)
	rate := float64(1000 + n)
	return episode.ScaleTest{
		ID: newID(began, []byte("0123456789")).String(), Run: "run", Label: "baseline", Cluster: "prod", Job: job,
		Deployment: "a1", Began: began, Shape: "steady", Verdict: episode.ScaleOK,
		Environment: map[string]string{"kafka_partitions": "4"},
		Iterations:  []episode.ScaleIteration{{Iteration: 1, Throughput: &rate, Flags: []string{}, Notes: []string{}}},
		Throughput:  episode.ScaleThroughput{Value: &rate, Low: &rate, High: &rate}, Warnings: []string{},
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
	again.Verdict = episode.ScaleVoid
	require.NoError(t, s.PutScaleTest(again))
	require.NoError(t, s.Close())

	s = open(t, path)
	got, err := s.ScaleTests(episode.JobRef{Cluster: "prod", Job: "orders"}, "", 0)
	require.NoError(t, err)
	require.Equal(t, []episode.ScaleTest{scaleTest(2, "orders"), again, scaleTest(0, "orders")}, got)
	got, err = s.ScaleTests(episode.JobRef{}, got[1].ID, 0)
	require.NoError(t, err)
	require.Equal(t, []episode.ScaleTest{scaleTest(0, "orders")}, got)
}

func TestScaleTestOfALaterVersionIsNotMisread(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "history.db"))
	test := scaleTest(1, "orders")
	require.NoError(t, s.update(func(t *txn) error {
		return scaleTests.put(t, ulid.MustParse(test.ID), storedScaleTest{scaleTestVersion + 1, test})
	}))
	_, err := s.ScaleTests(episode.JobRef{}, "", 0)
	require.ErrorContains(t, err, "use the newer sidecar")
}

func TestScaleTestThatCannotBeStored(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "history.db"))
	test := scaleTest(1, "orders")
	test.Reason = strings.Repeat("x", MaxScaleTest)
	require.ErrorContains(t, s.PutScaleTest(test), "store at most")
	test = scaleTest(1, "orders")
	test.ID = "no ulid"
	require.ErrorContains(t, s.PutScaleTest(test), "not a ULID")
}
