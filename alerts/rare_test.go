package alerts

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// TestRareSamplesEndAnAlertOfTheLevel: a checkpoint each ten minutes is twelve samples in two
// hours, which are never enough for a line.
func TestRareSamplesEndAnAlertOfTheLevel(t *testing.T) {
	w := newWatch(t, "settle: 0s", signal.Observation{
		Signal: snapshot.CheckpointDuration, Labels: snapshot.Labels{Cluster: "local", Job: "orders"}, RunID: "a-0",
	})
	each := func(seconds float64) func(int) float64 {
		return func(i int) float64 {
			if i%60 != 0 {
				return math.NaN()
			}
			return seconds
		}
	}
	require.Empty(t, w.until(2*time.Hour, each(5)))
	require.Len(t, w.until(20*time.Minute, each(70)), 1)
	over := w.until(20*time.Minute, each(5))
	require.Len(t, over, 1)
	require.True(t, over[0].Resolved())
	require.Equal(t, w.now.Add(-5*time.Minute).Round(time.Minute), over[0].ResolvedAt.Round(time.Minute))
	require.ErrorIs(t, w.trend().Unknown, stat.ErrTooFew)
	require.EqualError(t, w.trend().Unknown,
		"12 of 20 samples in 2h, and more do not fit (lengthen the window of the rule: rules[].window)")
}

// TestFewSamplesDoNotEndAnAlertOfTheLine: after a restart nobody knows yet whether the growth went on.
func TestFewSamplesDoNotEndAnAlertOfTheLine(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	require.Len(t, w.until(2*time.Minute, w.growth(40*mib, 8*mib, mib)), 1)
	w.like.RunID = "a-1"
	require.Empty(t, w.until(50*time.Second, w.growth(100*mib, 0, mib)))
	require.Equal(t, snapshot.TrendFiring, w.trend().State)
	require.Len(t, w.until(time.Minute, w.growth(100*mib, 0, mib)), 1)
}

// TestALineStopsAtALongGap: the sidecar was off for a while, and the signal stepped up meanwhile.
func TestALineStopsAtALongGap(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	w.until(time.Minute, w.growth(40*mib, 0, mib))
	w.until(40*time.Second, unknownValue)
	require.Empty(t, w.until(90*time.Second, w.growth(300*mib, 0, mib)))
	require.Equal(t, 9, w.trend().Samples)
	require.Nil(t, w.trend().Breach)
}

// TestBriefPassesAreMissed: the limit was passed without a warning, and no alert fires that says so.
func TestBriefPassesAreMissed(t *testing.T) {
	c := configured(t, "settle: 0s\nfor: 5m\nrules: [{name: checkpoint-size, threshold: 100B}, "+
		"{name: level, signal: checkpoint-size, threshold: 100B, predict: false}]")
	trends := NewTrends(c, discard())
	like := signal.Observation{Signal: snapshot.CheckpointSize, RunID: "a", Sample: series.Sample{T: began}}
	values := append(append(ramp(30, 10, 0), 200, 200), ramp(10, 10, 0)...)
	require.Empty(t, offer(trends, like, append(values, 200, 10)...))
	score := trends.scores.of("checkpoint-size")
	require.Equal(t, episode.RuleScore{Rule: "checkpoint-size", Missed: 2, Brief: 2}, *score)
	require.Zero(t, score.Open())
	require.Zero(t, trends.scores.of("level").Missed, "a rule that does not predict warns of nothing")
}

func TestForOfARuleMayBeZero(t *testing.T) {
	c := configured(t, "settle: 0s\nrules: [{name: checkpoint-size, for: 0s}, {name: checkpoint-failures, for: 0s}]")
	require.Empty(t, c.Validate())
	for _, rule := range c.EffectiveRules() {
		if rule.Name == "checkpoint-size" || rule.Name == "checkpoint-failures" {
			require.Zero(t, rule.For, rule.Name)
		}
	}
}

func TestWindowIsNotShorterThanARate(t *testing.T) {
	for _, rule := range configured(t, "window: 5m").EffectiveRules() {
		row, _ := signal.Lookup(rule.Signal)
		require.Equal(t, max(5*time.Minute, row.Over), rule.Window, rule.Name)
	}
}
