package app

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestScaleTestIsShownWhileItRuns(t *testing.T) {
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	live := newLiveScaleTest()
	live.now = func() time.Time { return clock }
	require.Zero(t, testutil.CollectAndCount(live))
	require.Nil(t, live.status())

	rate, latency := 120.5, 0.25
	p := api.ScaleProgress{
		Test: "a", Cluster: "prod", Job: "orders", Label: "base", Intended: 100, Sent: 90, Acknowledged: 80,
		// A sender may repeat a sink, the metrics must not.
		Visible:        []api.SeenAtSink{{Sink: "search", Records: 69}, {Sink: "search", Records: 70}},
		LatencySeconds: &latency, Throughput: &rate, SustainableRate: &rate, Headroom: &latency,
	}
	require.NoError(t, live.Report(p))
	require.Equal(t, &p, live.status())
	require.NoError(t, testutil.CollectAndCompare(live, strings.NewReader(`
# HELP flink_sidecar_scaletest_records Records of the present iteration of a scale test by state: intended, sent to the producer, acknowledged by Kafka.
# TYPE flink_sidecar_scaletest_records gauge
flink_sidecar_scaletest_records{cluster="prod",job="orders",state="acknowledged"} 80
flink_sidecar_scaletest_records{cluster="prod",job="orders",state="intended"} 100
flink_sidecar_scaletest_records{cluster="prod",job="orders",state="sent"} 90
# HELP flink_sidecar_scaletest_visible_records Records of the present iteration of a scale test that a sink shows.
# TYPE flink_sidecar_scaletest_visible_records gauge
flink_sidecar_scaletest_visible_records{cluster="prod",job="orders",sink="search"} 70
`), "flink_sidecar_scaletest_records", "flink_sidecar_scaletest_visible_records"))

	other := p
	other.Test = "b"
	require.ErrorContains(t, live.Report(other), "another scale test is under way: label base of job orders")
	clock = clock.Add(silentFor)
	require.NoError(t, live.Report(other), "a test whose process is silent is over")
	other.Ended = true
	require.NoError(t, live.Report(other))
	require.Nil(t, live.status())
	require.Equal(t, 2, testutil.CollectAndCount(live), "what was found stays")
}

func TestExchangedBytesAreKnownIfEveryVertexReportsThem(t *testing.T) {
	a, b := 1e3, 2e3
	job := snapshot.Job{Vertices: []snapshot.Vertex{{BytesOut: &a}, {BytesOut: &b}}}
	require.InDelta(t, 3e3, *exchangedBytes(job), 0)
	job.Vertices[1].BytesOut = nil
	require.Nil(t, exchangedBytes(job))
	require.Nil(t, exchangedBytes(snapshot.Job{}))
}

func TestCPUTimeIsKnownForOneJobOnly(t *testing.T) {
	a, b := 1.5, 2.0
	state := snapshot.State{
		Cluster:      snapshot.Cluster{Running: 1},
		TaskManagers: []snapshot.TaskManager{{CPUSeconds: &a, GCSeconds: &b}, {CPUSeconds: &b, GCSeconds: &b}},
	}
	require.InDelta(t, 4, *gcSeconds(state), 0)
	require.InDelta(t, 3.5, *cpuSeconds(state), 0)
	state.TaskManagers[1].CPUSeconds = nil
	require.Nil(t, cpuSeconds(state))
	state.TaskManagers[1].CPUSeconds = &b
	state.Cluster.Running = 2
	require.Nil(t, cpuSeconds(state))
	require.Nil(t, cpuSeconds(snapshot.State{Cluster: snapshot.Cluster{Running: 1}}))
}
