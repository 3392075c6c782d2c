package collector

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// TestFrozenStore has the metric store stand still for ten minutes, as observed after a
// TaskManager died: its values become unknown, the others stay up to date, and no request
// is wasted on it.
func TestFrozenStore(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.next()
	l.next()
	l.Freeze(true)
	l.next()
	l.shows(0.29325, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
	l.next()
	l.next()
	l.shows(1, "flink_sidecar_collector_metrics_frozen")
	l.shows(1, "flink_job_up", "job", orders)
	l.shows(17, "flink_job_checkpoints_total", "status", "completed")
	for _, metric := range []string{
		"flink_vertex_busy_ratio", "flink_vertex_records_out_total",
		"flink_job_uptime_seconds", "flink_job_restarts_total", "flink_job_source_records_total",
	} {
		l.unknown(metric, orders)
	}
	for _, metric := range []string{"flink_jm_cpu_seconds_total", "flink_tm_threads", "flink_cluster_tm_threads"} {
		l.unknown(metric, "")
	}
	cluster, _ := l.Cluster()
	require.True(t, cluster.MetricsFrozen)

	l.Requests()
	for range 38 {
		l.next()
	}
	for path, n := range l.Requests() {
		require.NotContains(t, path, "/subtasks/metrics")
		require.LessOrEqual(t, n, 2*38, path)
	}
	require.Equal(t, 1, strings.Count(l.log.String(), "metrics stand still"), "said once")
	_, known := l.View(orders).InputRate()
	require.False(t, known)

	l.Freeze(false)
	l.next() // this poll sets off the fetch
	l.shows(0, "flink_sidecar_collector_metrics_frozen")
	l.shows(0.29325, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
	l.next()
	rate, known := l.View(orders).InputRate()
	require.True(t, known)
	require.InDelta(t, 3568.6, rate, 0.1)
}

// TestUnreachableTaskManager has one TaskManager's metrics stand still while
// the store as a whole moves on.
func TestUnreachableTaskManager(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	stop := func() {
		l.SetTaskManagerMetric("tm2", metricnames.CPUTime, "81190000000")
		l.next()
	}
	for range 5 {
		stop()
	}
	l.shows(1, "flink_sidecar_signal_unknown", "signal", "flink_tm_cpu_seconds_total", "job", "")
	_, ok := l.value("flink_tm_memory_used_bytes", "taskmanager", "tm2", "area", "heap")
	require.False(t, ok)
	_, ok = l.value("flink_tm_memory_used_bytes", "taskmanager", "tm1", "area", "heap")
	require.True(t, ok)
	l.shows(2, "flink_tm_slots", "taskmanager", "tm2")
	l.unknown("flink_vertex_busy_ratio", orders)
	l.unknown("flink_cluster_tm_threads", "")
	l.shows(0, "flink_sidecar_collector_metrics_frozen")
	require.Contains(t, l.log.String(), `TaskManager \"tm2\" stand still`)

	l.LoseTaskManager("tm2")
	l.next()
	l.shows(0.29325, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
	l.shows(89, "flink_cluster_tm_threads")
}

func TestTaskManagerWithoutMetrics(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	for _, name := range metricnames.ProcessNames(true, metricnames.GarbageCollectors()) {
		l.SetTaskManagerMetric("tm2", name, "")
	}
	l.next()
	_, ok := l.value("flink_tm_cpu_seconds_total", "taskmanager", "tm2")
	require.False(t, ok)
	l.shows(1, "flink_sidecar_signal_unknown", "signal", "flink_tm_cpu_seconds_total")
	l.unknown("flink_cluster_tm_threads", "")
}
