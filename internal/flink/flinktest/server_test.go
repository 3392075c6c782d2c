package flinktest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// cluster is a server and a client on a clock that the test moves.
func cluster(t *testing.T, version string) (*flinktest.Server, *flink.Client, func(time.Duration)) {
	t.Helper()
	server := flinktest.New(t, version)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	server.SetNow(func() time.Time { return now })
	cfg := flink.DefaultConfig()
	cfg.URL = server.URL
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return server, client, func(d time.Duration) { now = now.Add(d) }
}

// TestValuesAreOneFetchOld compares the store with observations of a real one.
func TestValuesAreOneFetchOld(t *testing.T) {
	server, client, pass := cluster(t, flinktest.Flink23)
	uptime := func() float64 {
		values, err := client.JobMetrics(t.Context(), server.JobID, []string{"uptime"})
		require.NoError(t, err)
		return values["uptime"]
	}
	require.InDelta(t, 168769, uptime(), 0)
	pass(9 * time.Second)
	require.InDelta(t, 168769, uptime(), 0, "no fetch is due")
	require.InDelta(t, 168769, uptime(), 0)
	pass(6 * time.Second)
	require.InDelta(t, 168769, uptime(), 0, "answered from the store as it was")
	require.InDelta(t, 183769, uptime(), 0, "what the first request fetched")

	server.Freeze(true)
	pass(time.Minute)
	uptime()
	require.InDelta(t, 183769, uptime(), 0)
}

func TestCountersMoveAtTheirRate(t *testing.T) {
	for version, want := range map[string]struct{ before, after float64 }{
		flinktest.Flink23:  {726932, 726932 + 35686},
		flinktest.Flink120: {283352, 283352 + 22669},
	} {
		server, client, pass := cluster(t, version)
		written := func() float64 {
			job, err := client.Job(t.Context(), server.JobID)
			require.NoError(t, err)
			return *job.Vertices[0].IO.RecordsOut
		}
		require.InDelta(t, want.before, written(), 0)
		pass(10 * time.Second)
		written()
		require.InDelta(t, want.after, written(), 1)
	}
}

func TestClusterChanges(t *testing.T) {
	server, client, _ := cluster(t, flinktest.Flink23)
	ctx := t.Context()

	server.Resize(1024, 512)
	taskManagers, err := client.TaskManagers(ctx)
	require.NoError(t, err)
	require.Len(t, taskManagers, 512)
	found, err := client.VertexAggregates(ctx, server.JobID, server.Vertices[1], []string{"busyTimeMsPerSecond"}, nil)
	require.NoError(t, err)
	n, _ := found["busyTimeMsPerSecond"].Count()
	require.Equal(t, 1024, n)

	server.AddVertex("aa", "another")
	job, err := client.Job(ctx, server.JobID)
	require.NoError(t, err)
	require.Equal(t, "another", job.Vertices[2].Name)

	server.LoseTaskManager("tm-0000")
	taskManagers, err = client.TaskManagers(ctx)
	require.NoError(t, err)
	require.Len(t, taskManagers, 511)

	server.SetJobState("RESTARTING")
	job, err = client.Job(ctx, server.JobID)
	require.NoError(t, err)
	require.Equal(t, "RESTARTING", job.State)

	server.ForgetJobs()
	_, err = client.Job(ctx, server.JobID)
	require.True(t, flink.NotFound(err))
	jobs, err := client.Jobs(ctx)
	require.NoError(t, err)
	require.Empty(t, jobs)
}

func TestLongURLIsNotFound(t *testing.T) {
	server, _, _ := cluster(t, flinktest.Flink23)
	cfg := flink.DefaultConfig()
	cfg.URL = server.URL + "/" + fmt.Sprintf("%04100d", 0)
	client, err := flink.New(cfg)
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	_, err = client.Overview(t.Context())
	require.ErrorContains(t, err, "answered 404 Not Found: Unable to load requested file /bad-request.")
}
