package scaletest_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

// TestMergedSlicesAreTheWhole measures the same 10,001 records in one process and in four:
// counts, times and quantiles of the merged result are exactly those of the one.
func TestMergedSlicesAreTheWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	took := make([]time.Duration, 10_001)
	for i := range took {
		took[i] = time.Duration(random.ExpFloat64() * float64(200*time.Millisecond))
	}
	parts, whole := scaletest.SlicesAndWhole(len(took), 4,
		func(i int) time.Duration { return time.Duration(i) * time.Millisecond }, func(i int) time.Duration { return took[i] })
	merged, err := figures.Merge(scalerun.Test{}, [][]scalerun.Slice{parts}, nil)
	require.NoError(t, err)
	require.Len(t, merged.Iterations, 1)
	it := merged.Iterations[0]
	require.EqualValues(t, 200, it.Lost)
	require.InDelta(t, *whole.Throughput, *it.Throughput, 1e-9)
	require.InDelta(t, *whole.ToKafkaSeconds, *it.ToKafkaSeconds, 1e-9)
	require.Equal(t, whole.PublishDelay, it.PublishDelay)
	require.Equal(t, whole.SlowestSink, it.SlowestSink)
	for name, sink := range whole.Sinks {
		got := it.Sinks[name]
		require.InDelta(t, *sink.Latency.Mean, *got.Latency.Mean, 1e-9)
		got.Latency.Mean = sink.Latency.Mean
		require.Positive(t, got.Reordered, "a source partition belongs to one shard")
		require.Equal(t, sink, got)
	}
	requirePooled(t, took, parts, it.Sinks["a"].Latency)
	require.Equal(t, scalerun.Void, merged.Verdict)
	parts[1].Delays.HDR = "no histogram"
	_, err = figures.Merge(scalerun.Test{}, [][]scalerun.Slice{parts}, nil)
	require.ErrorContains(t, err, "use equal versions of the sidecar")
}

// requirePooled compares the merged quantiles of sink a with those of the latencies themselves:
// histograms of the shards have each of them once, to a thousandth.
func requirePooled(t *testing.T, took []time.Duration, parts []scalerun.Slice, got scalerun.Latency) {
	t.Helper()
	counted := int64(0)
	for _, part := range parts {
		counted += part.Sinks["a"].Latencies.Count
	}
	require.EqualValues(t, len(took), counted)
	pooled := slices.Sorted(slices.Values(took))
	for _, q := range []struct {
		share float64
		got   *float64
	}{{0.5, got.P50}, {0.9, got.P90}, {0.99, got.P99}, {1, got.Max}} {
		exact := pooled[int(math.Ceil(q.share*float64(len(pooled))))-1].Seconds()
		require.InEpsilon(t, exact, *q.got, 0.001, "quantile %g", q.share)
	}
}

// TestAShardSendsItsSlice sends every third record at its time in the common schedule.
func TestAShardSendsItsSlice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{})
		options := stack.Options(scaletest.Plan{Records: 100, Rate: 10, Shards: 3, Shard: 1})
		var slices []scalerun.Slice
		var met []int
		options.Meeting = &scaletest.Meeting{
			Begun: func(context.Context, scalerun.Test) error { return nil },
			Meet: func(_ context.Context, iteration int) (time.Time, error) {
				met = append(met, iteration)
				return time.Now().Add(time.Second), nil
			},
			Took: func(_ context.Context, s scalerun.Slice) error { slices = append(slices, s); return nil },
			Measured: func(_ context.Context, round int) (scalerun.Iteration, error) {
				return figures.MergeIteration(slices[round-1:])
			},
		}
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{1}, met)
		require.EqualValues(t, 33, r.Iterations[0].Sent)
		require.InDelta(t, 0.1, *slices[0].FirstSent, 0.01, "the second record of ten a second")
		require.InDelta(t, 9.7, *slices[0].LastAcknowledged, 0.02, "the 98th")
		require.InDelta(t, 0, *r.Iterations[0].PublishDelay.Max, 0.01)
	})
}

// TestShardsGrowTogether: the number of records follows from what all measured. One of the two
// shards of this test is planted: what it hands over takes as long as the test decides.
func TestShardsGrowTogether(t *testing.T) {
	if testing.Short() {
		t.Skip("other tests take the same path under the race detector")
	}
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{Limit: 2000})
		options := stack.Options(scaletest.Plan{Iterations: 2, Shards: 2, Shard: 1, Modes: []string{"ITIMER"}})
		var slices []scalerun.Slice
		options.Profiles = &scaletest.Profiles{Span: time.Second, Take: func(context.Context, string) (scalerun.Profiled, error) {
			return scalerun.Profiled{}, nil // the other shard has them
		}}
		options.Meeting = &scaletest.Meeting{
			Begun: func(context.Context, scalerun.Test) error { return nil },
			Meet:  func(context.Context, int) (time.Time, error) { return time.Now(), nil },
			Took:  func(_ context.Context, s scalerun.Slice) error { slices = append(slices, s); return nil },
			Measured: func(_ context.Context, round int) (scalerun.Iteration, error) {
				all := slices[round-1].Iteration
				seconds, rate := float64(all.Sent)/100, 100.0 // as if the job got 100 records/s of both
				all.ToAllSinksSeconds, all.Throughput = &seconds, &rate
				return all, nil
			},
		}
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		require.NotContains(t, fmt.Sprint(r.Warnings), "profiles")
		require.Len(t, slices, 5)
		for i, s := range slices {
			require.Equal(t, i+1, s.Round)
			require.Equal(t, i < 2, s.Calibration)
		}
		require.EqualValues(t, 500, slices[0].Iteration.Sent, "half of the first 1000, which take 5 s of the 30 s")
		for _, s := range slices[1:4] {
			require.EqualValues(t, 3900, s.Iteration.Sent, "39 s at what both reach, although this shard alone is faster")
		}
		require.Contains(t, slices[4].Iteration.Flags, figures.FlagProfiled)
		require.EqualValues(t, 950, slices[4].Iteration.Intended, "half of 19 s at the throughput of both")
		require.Nil(t, r.Profiled, "the other shard tells what was profiled")
	})
}

// TestASliceThatIsShort does not make the whole short.
func TestASliceThatIsShort(t *testing.T) {
	slice := func(flags ...string) scalerun.Slice {
		parts, _ := scaletest.SlicesAndWhole(8, 1, func(int) time.Duration { return 0 }, func(int) time.Duration { return time.Second })
		parts[0].Iteration.Flags = flags
		return parts[0]
	}
	it, err := figures.MergeIteration([]scalerun.Slice{slice(figures.FlagShort, figures.FlagLost), slice()})
	require.NoError(t, err)
	require.Equal(t, []string{figures.FlagLost}, it.Flags)
	it, err = figures.MergeIteration([]scalerun.Slice{slice(figures.FlagShort), slice(figures.FlagShort)})
	require.NoError(t, err)
	require.Equal(t, []string{figures.FlagShort}, it.Flags)
}

// TestMergedClockOffsets are the bounds that all shards give together. Contradicting ones are no
// offset.
func TestMergedClockOffsets(t *testing.T) {
	merged := func(bounds ...*scalerun.ClockOffset) scalerun.Iteration {
		shards, _ := scaletest.SlicesAndWhole(100, len(bounds),
			func(int) time.Duration { return 0 }, func(int) time.Duration { return time.Second })
		for i, b := range bounds {
			sink := shards[i].Iteration.Sinks["a"]
			sink.ClockOffset = b
			shards[i].Iteration.Sinks["a"] = sink
		}
		it, err := figures.MergeIteration(shards)
		require.NoError(t, err)
		return it
	}
	it := merged(&scalerun.ClockOffset{Low: -0.2, High: 0.3}, nil, &scalerun.ClockOffset{Low: -0.1, High: 0.5})
	require.Equal(t, &scalerun.ClockOffset{Low: -0.1, High: 0.3}, it.Sinks["a"].ClockOffset)
	it = merged(&scalerun.ClockOffset{Low: -0.2, High: 0}, &scalerun.ClockOffset{Low: 0.5, High: 0.6})
	require.Nil(t, it.Sinks["a"].ClockOffset)
	require.Contains(t, it.Notes, "a: the clocks of the shards differ by 0.500 s or more, so the offset of the stamps is not "+
		"known (synchronise them)")
}
