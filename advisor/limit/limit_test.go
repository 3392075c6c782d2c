package limit

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// TestALimitIsSeenFrom the busy share of a subtask, or the share that a vertex waits.
func TestALimitIsSeenFrom(t *testing.T) {
	for _, tc := range []struct {
		v    evidence.Vertex
		want bool
	}{
		{evidence.Vertex{Busy: new(0.8)}, true},
		{evidence.Vertex{Busy: new(0.79)}, false},
		{evidence.Vertex{Busy: new(0.3), BusyMax: new(0.8)}, true},
		{evidence.Vertex{Busy: new(0.9), BusyMax: new(0.79)}, false},
		{evidence.Vertex{Backpressured: new(0.1)}, true},
		{evidence.Vertex{Backpressured: new(0.09)}, false},
		{evidence.Vertex{}, false},
	} {
		require.Equal(t, tc.want, Of(&evidence.Bundle{Vertices: []evidence.Vertex{tc.v}}).Limited(), "%+v", tc.v)
	}
}

// TestTheNextLimit: a vertex that is busy half of the time allows twice the rate.
func TestTheNextLimit(t *testing.T) {
	ceiling := func(vertices ...evidence.Vertex) (gain float64, name string, ok bool) {
		next, ok := Of(&evidence.Bundle{Bottleneck: "v", Vertices: append(vertices, evidence.Vertex{
			ID: "v", Busy: new(1.0),
		})}).Next(false)
		require.Nil(t, next.AtMost)
		return next.Gain, next.Vertex.ID, ok
	}
	gain, name, ok := ceiling(evidence.Vertex{ID: "a", Busy: new(0.2)}, evidence.Vertex{ID: "b", Busy: new(0.5)},
		evidence.Vertex{ID: "c", Busy: new(0.4)})
	require.True(t, ok)
	require.InDelta(t, 100, gain, 1e-9)
	require.Equal(t, "b", name)
	_, name, _ = ceiling(evidence.Vertex{ID: "a", Busy: new(0.5)}, evidence.Vertex{ID: "b", Busy: new(0.5)})
	require.Equal(t, "a", name, "of two the first")
	gain, _, ok = ceiling(evidence.Vertex{ID: "a", Busy: new(1.2)})
	require.True(t, ok)
	require.Zero(t, gain)
	_, _, ok = ceiling(evidence.Vertex{ID: "a", Busy: new(0.0)}, evidence.Vertex{ID: "b"})
	require.False(t, ok)
}

// skewed is a job whose hot subtask limits it, before a sink. A source waits for it.
func skewed(mean, most, waits float64) *evidence.Bundle {
	return &evidence.Bundle{Bottleneck: "v", Vertices: []evidence.Vertex{
		{ID: "s", Name: "Source: s", Busy: new(0.03), Backpressured: &waits},
		{ID: "v", Busy: &mean, BusyMax: &most, Backpressured: new(0.0)},
		{ID: "w", Busy: new(0.2), BusyMax: new(0.4)},
	}}
}

// TestAHotSubtaskIsTheLimit: beside it the others idle, and the mean of a vertex says too little.
func TestAHotSubtaskIsTheLimit(t *testing.T) {
	for _, tc := range []struct {
		mean, most, waits float64
		seen              int64 // of 200 samples of the vertex at work; 0 is no flame graph
		low, high         float64
		by                Shown // empty: none limits
	}{
		{0.5, 1, 0, 0, 1, 1, ByMetrics},
		{0.7, 1, 0, 0, 0.7, 0.7, ""},              // not much skew: the mean counts
		{0.5, 1, 0, 50, 1, 1, ByMetrics},          // a subtask without reserve: the metrics are right
		{0.3, 0.6, 0.28, 100, 0.6, 1, ByGraph},    // the minute began before the load
		{0.3, 0.6, 0.28, 10, 0.1, 0.6, ByWaiting}, // the graph was taken in a pause
		{0.3, 0.6, 0.28, 0, 0.6, 0.6, ByWaiting},
		{0.3, 0.6, 0.09, 100, 0.6, 0.6, ""}, // nothing waits: a burst is no limit
		{0.3, 0.6, 0.09, 0, 0.6, 0.6, ""},
		{0.3, 0.6, 0.61, 0, 0.6, 0.6, ""}, // it waits for longer than the subtask worked
		{0.3, 0.49, 0.28, 0, 0.49, 0.49, ""},
	} {
		j := Of(skewed(tc.mean, tc.most, tc.waits))
		if tc.seen > 0 {
			j.See("v", Seen{Tasks: 200, Busy: tc.seen})
		}
		low, high := j.Busy()
		require.InDelta(t, tc.low, low, 1e-9, "%+v", tc)
		require.InDelta(t, tc.high, high, 1e-9, "%+v", tc)
		l, by, ok := j.Hot()
		require.Equal(t, tc.by != "", ok, "%+v", tc)
		require.InDelta(t, tc.most/tc.mean, l.Skew(), 1e-9, "%+v", tc)
		if ok {
			require.Equal(t, tc.by, by, "%+v", tc)
		}
	}
}

// TestAVertexThatWaitsItselfHoldsNothingBack: what follows it is the limit.
func TestAVertexThatWaitsItselfHoldsNothingBack(t *testing.T) {
	b := skewed(0.3, 0.6, 0.28)
	b.Vertices[1].Backpressured = new(0.1)
	_, _, ok := Of(b).Hot()
	require.False(t, ok)
	b = skewed(0.3, 0.6, 0.28)
	b.Vertices[2].BusyMax = new(0.61)
	_, _, ok = Of(b).Hot()
	require.False(t, ok, "a busier subtask may be the limit")
}

// TestLoadsOfTheSameTimeAreCompared: flame graphs with each other, or metrics.
func TestLoadsOfTheSameTimeAreCompared(t *testing.T) {
	j := Of(skewed(0.3, 0.6, 0.28))
	next, ok := j.Next(true)
	require.True(t, ok)
	require.Equal(t, "w", next.Vertex.ID)
	require.InDelta(t, 50, next.Gain, 1e-9, "0.6 and 0.4 of the same minute")
	j.See("v", Seen{Tasks: 200, Busy: 100})
	next, _ = j.Next(true)
	require.InDelta(t, 50, next.Gain, 1e-9, "of the next vertex there is none")
	require.Nil(t, next.AtMost)
	j.See("w", Seen{Tasks: 99, Busy: 20})
	next, _ = j.Next(true)
	require.InDelta(t, 50, next.Gain, 1e-9, "too few samples")
	j.See("w", Seen{Tasks: 101, Busy: 20})
	next, _ = j.Next(true)
	require.InDelta(t, 150, next.Gain, 1e-9, "1.0 and 0.2 x 2")
	require.InDelta(t, 50, next.AtLeast, 1e-9, "the metrics allow less")
	graphs := Of(skewed(0.3, 0.6, 0.28))
	graphs.See("v", Seen{Tasks: 200, Busy: 100})
	graphs.See("w", Seen{Tasks: 200, Busy: 80})
	next, _ = graphs.Next(true)
	require.InDelta(t, 25, next.Gain, 1e-9, "1.0 and 0.4 x 2")
	require.InDelta(t, 100*(1/(2*0.4692)-1), next.AtLeast, 0.1, "the high end of 80 of 200 is 0.47")
	require.InDelta(t, 1-1e-9, next.Limit, 1e-6)
}

// TestACapacityIsKnownOf a vertex that computes, in a JVM that compiles little.
func TestACapacityIsKnownOf(t *testing.T) {
	most := func(off int64, warm bool) *float64 {
		j := Of(skewed(0.3, 0.6, 0.28))
		j.See("v", Seen{Tasks: 200, Busy: 100})
		j.See("w", Seen{Tasks: 200, Busy: 100, Off: off})
		next, ok := j.Next(warm)
		require.True(t, ok)
		require.Zero(t, next.Gain, "it is as busy as the limit")
		return next.AtMost
	}
	require.Nil(t, most(10, false), "its code may become faster")
	require.Nil(t, most(11, true), "it waits for something that may become faster")
	require.NotNil(t, most(10, true))
	require.InDelta(t, 100*(1/(2*0.4314)-1), *most(10, true), 0.5, "the low end of 100 of 200 is 0.43")
}

// TestIdleTimeIsThatOfTheLimitingSubtask, by its flame graph where there is one.
func TestIdleTimeIsThatOfTheLimitingSubtask(t *testing.T) {
	j := Of(skewed(0.3, 0.6, 0.28))
	require.InDelta(t, 0.4, j.Idle(), 1e-9)
	j.See("v", Seen{Tasks: 200, Busy: 90})
	require.InDelta(t, 0.1, j.Idle(), 1e-9)
	require.InDelta(t, 1, Of(&evidence.Bundle{}).Idle(), 1e-9, "unknown")
	low, high := Of(&evidence.Bundle{}).Busy()
	require.InDelta(t, 1, low, 1e-9)
	require.InDelta(t, 1, high, 1e-9)
}
