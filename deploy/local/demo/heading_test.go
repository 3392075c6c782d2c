package demo

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTrendsLine(t *testing.T) {
	require.Equal(t, "trends: no breach expected (? samples of checkpoint-size)", trends(Reading{}))
	require.Equal(t, "trends: no breach expected (4 samples of checkpoint-size)",
		trends(page(t, 0, `# TYPE flink_sidecar_trend_samples gauge
flink_sidecar_trend_samples{rule="checkpoint-size",job="orders enrichment",process=""} 4
flink_sidecar_trend_samples{rule="heap-after-gc",job="",process="tm-1"} 5
`)))
	require.Equal(t, "trends: checkpoint-size in 7.1 min "+
		"(fires), heap-after-gc on tm-1 in 12.0 min; episodes in progress: 2",
		trends(page(t, 0, `# TYPE flink_sidecar_trend_breach_seconds gauge
flink_sidecar_trend_breach_seconds{bound="point",rule="heap-after-gc",job="",process="tm-1"} 720
flink_sidecar_trend_breach_seconds{bound="low",rule="heap-after-gc",job="",process="tm-1"} 5
flink_sidecar_trend_breach_seconds{bound="point",rule="checkpoint-size",job="orders enrichment",process=""} 426
# TYPE flink_sidecar_trend_firing gauge
flink_sidecar_trend_firing{rule="heap-after-gc",job="",process="tm-1"} 0
flink_sidecar_trend_firing{rule="heap-after-gc",job="",process="tm-2"} 1
flink_sidecar_trend_firing{rule="checkpoint-size",job="orders enrichment",process=""} 1
# TYPE flink_sidecar_episodes_open gauge
flink_sidecar_episodes_open{stage="working"} 1
flink_sidecar_episodes_open{stage="queued"} 1
`)))
}
