package exposition

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
)

// TestPlaceholdersAreUnknown has the numbers with which Flink says that there is none.
func TestPlaceholdersAreUnknown(t *testing.T) {
	p := NewPage("lab", Limits{Series: 50})
	pending := metricnames.Gauge("flink_vertex_pending_records", "", "job")
	p.Add(pending, -4, "orders")
	p.want(metricnames.Gauge("flink_vertex_parallelism", "", "job"), new(-1.0), "orders")
	p.maybe(metricnames.Gauge("flink_tm_memory_max_bytes", "", "taskmanager"), new(-1.0), "tm1")
	require.Zero(t, p.Len())
	require.Equal(t, []signal{{"flink_vertex_parallelism", "orders"}, {"flink_vertex_pending_records", "orders"}},
		p.Unknown(false))

	p.Add(metricnames.Gauge("flink_job_headroom_ratio", "", "job"), -0.5, "orders")
	p.Add(metricnames.Gauge("flink_vertex_watermark_lag_seconds", "", "job"), -3, "orders")
	require.Equal(t, 2, p.Len(), "a job that does not keep up, and an event time in the future, are no placeholders")
}
