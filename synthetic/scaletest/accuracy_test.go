package scaletest_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

const (
	plannedRate = 100.0
	plannedN    = 3000 // half a minute
	stallAt     = 10 * time.Second
	stallFor    = 10 * time.Second

	shortestDelay = 50 * time.Millisecond
	longestDelay  = 30 * time.Second
	// The quantiles are right within a share of the truth or a time.
	exactShare = 0.02
	exactTime  = 25 * time.Millisecond
)

// delays are log-uniform from 0.05 to 30 s.
func delays() []time.Duration {
	rng := rand.New(rand.NewPCG(1, 2))
	out := make([]time.Duration, plannedN)
	for i := range out {
		out[i] = time.Duration(float64(shortestDelay) * math.Pow(float64(longestDelay/shortestDelay), rng.Float64()))
	}
	return out
}

// TestLatenciesAreThoseInjected sends half a minute of records at a fixed rate through a job
// with known delays that stands still for ten seconds.
func TestLatenciesAreThoseInjected(t *testing.T) {
	planted := delays()
	behaviour := pipelinetest.Behaviour{
		Fate:      func(i int) pipelinetest.Fate { return pipelinetest.Fate{Delay: planted[i]} },
		StallFrom: stallAt, StallFor: stallFor,
	}
	want := make([]time.Duration, plannedN)
	for i, delay := range planted {
		sent := time.Duration(float64(i) / plannedRate * float64(time.Second))
		arrives := sent + delay
		if arrives >= stallAt && arrives < stallAt+stallFor {
			arrives = stallAt + stallFor
		}
		want[i] = arrives - sent
	}
	slices.Sort(want)
	plan := scaletest.Plan{Records: plannedN, Rate: plannedRate}
	inBubble(t, behaviour, plan, func(t *testing.T, r episode.ScaleTest) {
		require.Equal(t, episode.ScaleOK, r.Verdict, r.Reason)
		it := r.Iterations[0]
		for _, name := range []string{"enriched", "alerts"} {
			near(t, want, it.Sinks[name].Latency, exactTime)
		}
		near(t, want, *it.Sinks["search"].Indexed, exactTime)
		near(t, want, it.Sinks["search"].Latency, 100*time.Millisecond) // its poll interval
		require.InDelta(t, 0, it.Sinks["search"].ClockOffset.Low, 0.1)
		require.InDelta(t, 0, it.Sinks["search"].ClockOffset.High, 0.1)
	})
}

// near requires quantiles within 2 % or the tolerance.
func near(t *testing.T, want []time.Duration, got episode.ScaleLatency, tolerance time.Duration) {
	t.Helper()
	for _, q := range []struct {
		share float64
		got   *float64
	}{{0.5, got.P50}, {0.9, got.P90}, {0.99, got.P99}, {1, got.Max}} {
		exact := want[min(len(want)-1, int(q.share*float64(len(want))))].Seconds()
		require.InDelta(t, exact, *q.got, max(exactShare*exact, tolerance.Seconds()), "quantile %g", q.share)
	}
}

// TestClosedLoopHidesAStall sends the next record when the one before it has arrived, as a
// test without a schedule does. It meets the stall with one record, and reports a 99 % quantile
// that the open loop shows to be wrong by far.
func TestClosedLoopHidesAStall(t *testing.T) {
	behaviour := pipelinetest.Behaviour{
		Fate:      func(int) pipelinetest.Fate { return pipelinetest.Fate{Delay: 10 * time.Millisecond} },
		StallFrom: 5 * time.Second, StallFor: stallFor,
	}
	var open, closed float64
	plan := scaletest.Plan{Records: 2000, Rate: plannedRate}
	inBubble(t, behaviour, plan, func(_ *testing.T, r episode.ScaleTest) {
		open = *r.Iterations[0].Sinks["enriched"].Latency.P99
	})
	latencies := closedLoop(2000, 10*time.Millisecond, 5*time.Second, stallFor)
	closed = latencies[len(latencies)*99/100].Seconds()
	require.Greater(t, open, 9.0)
	require.Less(t, closed, 0.1)
}

// closedLoop returns the sorted latencies that a closed loop would measure.
func closedLoop(n int, delay, stallAt, stallFor time.Duration) []time.Duration {
	var now time.Duration
	latencies := make([]time.Duration, n)
	for i := range latencies {
		arrives := now + delay
		if arrives >= stallAt && arrives < stallAt+stallFor {
			arrives = stallAt + stallFor
		}
		latencies[i] = arrives - now
		now = arrives
	}
	slices.Sort(latencies)
	return latencies
}
