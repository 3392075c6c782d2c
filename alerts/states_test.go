package alerts

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// TestNoTwoFieldsOfATrendContradict feeds generated series to a rule: ramps, steps, spikes
// and noise on both sides of the limit, gaps, restarts, checkpoints in progress, and jobs
// that come and go.
func TestNoTwoFieldsOfATrendContradict(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine computes: the race detector sees nothing and makes it many times slower")
	}
	const seriesGenerated = 400
	seen := map[snapshot.TrendState]int{}
	for seed := range uint64(seriesGenerated) {
		g := generated{
			watch: newWatch(t, demo, signal.Observation{
				Signal: snapshot.CheckpointDuration, Labels: snapshot.Labels{Cluster: "local", Job: "orders"},
			}),
			rng: rand.New(rand.NewPCG(seed, 1)),
		}
		g.trends.settle = time.Duration(g.rng.IntN(3)) * 30 * time.Second
		g.trends.Now = func() time.Time { return g.now }
		g.level = 100 * g.rng.Float64()
		for range 150 {
			g.step(seed, seen)
		}
	}
	for _, state := range snapshot.TrendStates() {
		require.Positive(t, seen[state], "no series was ever %s", state)
	}
}

// generated is one generated series.
type generated struct {
	*watch

	rng                   *rand.Rand
	level, slope, unrest  float64
	silent, running, gone bool
	run                   int
	began                 time.Time // of the checkpoint in progress
}

// step moves the series to its next poll, evaluates it and checks the result.
func (g *generated) step(seed uint64, seen map[snapshot.TrendState]int) {
	g.now = g.now.Add(poll)
	g.turn()
	g.observe()
	g.trends.Listed("local", func(snapshot.Labels) bool { return !g.gone })
	before := g.trends.All()
	news := g.trends.Tick(g.now)
	for _, trend := range g.trends.All() {
		seen[trend.State]++
		at := fmt.Sprintf("series %d, %s: %+v", seed, g.now.Sub(began), trend)
		consistent(g.t, trend, g.now, at)
		if len(news) > 0 && news[0].Resolved() {
			require.False(g.t, isAbove(trend), "ended above the limit: %s", at)
			lineless := errors.Is(trend.Unknown, stat.ErrTooFew) && trend.Level != nil
			require.True(g.t, trend.Unknown == nil || g.gone || lineless, "ended without data: %s", at)
		}
	}
	if len(before) == 0 {
		require.Empty(g.t, news)
	}
}

// turn changes what the series does, now and then.
func (g *generated) turn() {
	switch g.rng.IntN(25) {
	case 0:
		g.slope = g.rng.NormFloat64()
	case 1:
		g.slope, g.unrest = 0, 3*g.rng.Float64()
	case 2:
		g.level = 120 * g.rng.Float64()
	case 3:
		g.silent = !g.silent
	case 4:
		g.run++
	case 5:
		g.running, g.began = !g.running, g.now
	case 6:
		g.gone = g.rng.IntN(4) == 0
	}
	g.level += g.slope
}

func (g *generated) observe() {
	o := g.like
	o.RunID = fmt.Sprint(g.run)
	if g.running {
		o.AtLeast, o.Sample = true, series.Sample{T: g.now, V: g.now.Sub(g.began).Seconds()}
		g.trends.Observe(o)
	}
	if !g.silent {
		o.AtLeast, o.Sample = false, series.Sample{T: g.now, V: g.level + g.unrest*g.rng.NormFloat64()}
		g.trends.Observe(o)
	}
}

// isAbove reports whether the trend counts a value above its limit. What it shows while it
// settles does not count.
func isAbove(trend snapshot.Trend) bool {
	return !settles(trend) && trend.Level != nil && trend.Limit != nil && *trend.Level >= *trend.Limit
}

func settles(trend snapshot.Trend) bool {
	return errors.Is(trend.Unknown, errSettling)
}

// consistent checks the fields of one trend against each other.
func consistent(t *testing.T, trend snapshot.Trend, now time.Time, at string) {
	t.Helper()
	is := func(states ...snapshot.TrendState) bool { return slices.Contains(states, trend.State) }
	require.Equal(t, trend.Firing, is(snapshot.TrendFiring, snapshot.TrendEnding), at)
	require.Equal(t, trend.Firing, !trend.Since.IsZero(), at)
	require.Equal(t, is(snapshot.TrendSettling, snapshot.TrendPredicted, snapshot.TrendAbove, snapshot.TrendEnding),
		!trend.Until.IsZero(), at)
	require.True(t, trend.Until.IsZero() || trend.Until.After(now), at)

	require.Equal(t, is(snapshot.TrendUnknown, snapshot.TrendSettling), trend.Unknown != nil && !trend.Firing, at)
	require.Equal(t, trend.Breach != nil, trend.Summary != "", at)
	if trend.Unknown != nil {
		require.Nil(t, trend.Breach, at)
	}
	if isAbove(trend) {
		require.True(t, is(snapshot.TrendAbove, snapshot.TrendFiring), at)
	}
	require.Equal(t, isAbove(trend), trend.Breach != nil && trend.Breach.Point == 0, at)
	if is(snapshot.TrendRising, snapshot.TrendPredicted, snapshot.TrendAbove) {
		require.NotNil(t, trend.Breach, at)
	}
	if is(snapshot.TrendSteady, snapshot.TrendFalling) {
		require.Nil(t, trend.Breach, at)
	}
	numbersAgree(t, trend, at)
}

func numbersAgree(t *testing.T, trend snapshot.Trend, at string) {
	t.Helper()
	if b := trend.Breach; b != nil {
		require.True(t, 0 <= b.Low && b.Low <= b.Point && b.Point <= b.High && !math.IsInf(b.High, 0), at)
	}
	require.True(t, trend.Level == nil || *trend.Level >= 0, at)
	require.True(t, trend.Level != nil || !trend.AtLeast, at)
	if trend.SlopeLow != nil {
		require.True(t, trend.Slope != nil && 0 < *trend.SlopeLow && *trend.SlopeLow <= *trend.Slope, at)
	}
	switch trend.State {
	case snapshot.TrendFalling:
		require.Negative(t, *trend.Slope, at)
	case snapshot.TrendSteady:
		require.Nil(t, trend.Slope, at)
	case snapshot.TrendRising, snapshot.TrendPredicted:
		require.Positive(t, *trend.Slope, at)
	}
}
