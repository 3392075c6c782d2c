package alerts

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestReloadKeepsWindowsAndEndsAlertsOfRemovedRules(t *testing.T) {
	trends := NewTrends(configured(t, "settle: 0s\nfor: 1m"), discard())
	now := began
	trends.Now = func() time.Time { return now }
	size := signal.Observation{
		Signal: snapshot.CheckpointSize, Labels: snapshot.Labels{Job: "orders"}, RunID: "a",
		Sample: series.Sample{T: began},
	}
	require.Len(t, offer(trends, size, ramp(30, 11<<30, 0)...), 1)
	now = began.Add(30 * time.Minute)

	trends.Reload(configured(t, "settle: 0s\nwindow: 20m\nfor: 5m\nevery: 30s\n"+
		"rules: [{name: checkpoint-size, threshold: 12GiB}]"))
	require.Equal(t, 30*time.Second, trends.interval())
	require.Empty(t, trends.Tick(now))
	trend := trends.All()[0]
	require.True(t, trend.Firing, "the alert goes on")
	require.InDelta(t, 12<<30, *trend.Limit, 0)
	require.Equal(t, 21, trend.Samples, "those of the shorter window")

	size.Sample.T = now
	require.Empty(t, offer(trends, size, 11<<30), "the key of the run is kept")
	require.Equal(t, 21, trends.All()[0].Samples)

	trends.Reload(configured(t, "rules: [{name: checkpoint-size, disabled: true}]"))
	over := trends.Tick(now)
	require.Len(t, over, 1)
	require.True(t, over[0].Resolved())
	require.Empty(t, trends.All())
}

// TestReloadEndsWhatARuleIsNoLongerAbout narrows the matcher of a rule. Nobody will know whether its
// alert was right, so it is not counted as open for ever.
func TestReloadEndsWhatARuleIsNoLongerAbout(t *testing.T) {
	rules := "settle: 0s\nfor: 1m\nshipped_rules: named\nrules: [{name: backpressure, match: {vertex: %s}}]"
	trends := NewTrends(configured(t, fmt.Sprintf(rules, "'.*'")), discard())
	now := began
	trends.Now = func() time.Time { return now }
	waits := signal.Observation{
		Signal: "backpressure", Labels: snapshot.Labels{Job: "orders", Vertex: "cbc3"}, VertexName: "map",
		RunID: "a", Sample: series.Sample{T: began},
	}
	other := waits
	other.Labels.Vertex, other.VertexName = "9d1e", "sink"
	require.Len(t, offer(trends, waits, ramp(30, 0.1, 0.012)...), 1)
	require.Len(t, offer(trends, other, ramp(30, 0.1, 0.012)...), 1)
	now = began.Add(30 * time.Minute)
	require.Equal(t, 2, trends.scores.of("backpressure").Open())

	trends.Reload(configured(t, fmt.Sprintf(rules, "sink")))
	over := trends.Tick(now)
	require.Len(t, over, 1)
	require.True(t, over[0].Resolved())
	require.Equal(t, "cbc3", over[0].Vertex)
	require.Len(t, trends.All(), 1)
	require.Equal(t, 1, trends.scores.of("backpressure").Open())
}
