package scaletest_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
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
	// pollInterval is that of an index and of a directory.
	pollInterval = 100 * time.Millisecond
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
		StallFrom: stallAt, StallFor: stallFor, Directory: t.TempDir(),
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
	inBubble(t, behaviour, plan, func(t *testing.T, r scalerun.Test) {
		require.Equal(t, scalerun.OK, r.Verdict, r.Reason)
		it := r.Iterations[0]
		for _, name := range []string{"enriched", "alerts"} {
			near(t, want, it.Sinks[name].Latency, exactTime)
		}
		near(t, want, *it.Sinks["search"].Indexed, exactTime)
		near(t, want, it.Sinks["search"].Latency, pollInterval)
		near(t, want, it.Sinks["archive"].Latency, pollInterval)
		require.InDelta(t, 0, it.Sinks["search"].ClockOffset.Low, 0.1)
		require.InDelta(t, 0, it.Sinks["search"].ClockOffset.High, 0.1)
	})
}

// near requires quantiles within 2 % or the tolerance.
func near(t *testing.T, want []time.Duration, got scalerun.Latency, tolerance time.Duration) {
	t.Helper()
	for _, q := range []struct {
		share float64
		got   *float64
	}{{0.5, got.P50}, {0.9, got.P90}, {0.99, got.P99}, {1, got.Max}} {
		exact := want[min(len(want)-1, int(q.share*float64(len(want))))].Seconds()
		require.InDelta(t, exact, *q.got, max(exactShare*exact, tolerance.Seconds()), "quantile %g", q.share)
	}
}

// The pipeline of the comparison of open and closed loops delays each record, and stands still once.
const (
	loopDelay   = 10 * time.Millisecond
	loopRecords = 3000
)

// TestClosedLoopHidesAStall measures the same pipeline in both ways. The closed loop sends the next
// record when the one before it is visible, as a test without a schedule does: it meets the stall
// with one record. The rows are those of docs/scaletest.md.
func TestClosedLoopHidesAStall(t *testing.T) {
	behaviour := pipelinetest.Behaviour{
		Fate:      func(int) pipelinetest.Fate { return pipelinetest.Fate{Delay: loopDelay} },
		StallFrom: stallAt, StallFor: stallFor,
	}
	var open scalerun.Latency
	plan := scaletest.Plan{Records: loopRecords, Rate: plannedRate}
	inBubble(t, behaviour, plan, func(_ *testing.T, r scalerun.Test) {
		open = r.Iterations[0].Sinks["enriched"].Latency
	})
	closed := closedLoop(t, behaviour, loopRecords)
	guide, err := os.ReadFile("../../docs/scaletest.md")
	require.NoError(t, err)
	at := func(share float64) float64 { return closed[int(math.Ceil(share*loopRecords))-1].Seconds() }
	for _, row := range []string{
		fmt.Sprintf("| open loop: %g records/s | %.2g s | %.2g s | %.2g s | %.2g s |", plannedRate, *open.P50, *open.P90,
			*open.P99, *open.Max),
		fmt.Sprintf("| closed loop: the next when the one before is visible | %.2g s | %.2g s | %.2g s | %.2g s |", at(0.5),
			at(0.9), at(0.99), at(1)),
	} {
		require.Contains(t, string(guide), row)
	}
	require.Greater(t, *open.P99, 9.0)
	require.Less(t, at(0.99), 0.1)
}

// closedLoop sends records to the pipeline, each when the one before it is visible, and returns the
// sorted latencies.
func closedLoop(t *testing.T, behaviour pipelinetest.Behaviour, n int) (latencies []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, behaviour)
		client, err := kgo.NewClient(kgo.SeedBrokers(stack.Brokers...), kgo.Dialer(stack.Network.DialContext),
			kgo.ProducerLinger(0), kgo.ConsumeTopics("orders-enriched"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		require.NoError(t, err)
		defer client.Close()
		round := ulid.Make()
		for i := range n {
			seed := payload.NewSeed(round, i)
			sent := time.Now()
			require.NoError(t, client.ProduceSync(t.Context(), &kgo.Record{
				Topic: "orders", Headers: []kgo.RecordHeader{{Key: payload.SeedHeader, Value: []byte(seed)}},
			}).FirstErr())
			for seen := false; !seen; {
				fetches := client.PollFetches(t.Context())
				require.NoError(t, fetches.Err())
				fetches.EachRecord(func(r *kgo.Record) { seen = seen || string(r.Key) == seed })
			}
			latencies = append(latencies, time.Since(sent))
		}
	})
	slices.Sort(latencies)
	return latencies
}
