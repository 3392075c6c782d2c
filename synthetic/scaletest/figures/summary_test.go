package figures_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

// iterations have the given throughputs; a negative one is flagged as short.
func iterations(rates ...float64) (out []scalerun.Iteration) {
	for i, rate := range rates {
		it := scalerun.Iteration{Iteration: i + 1, Intended: 10, Sent: 10, Flags: []string{}}
		if rate < 0 {
			rate, it.Flags = -rate, []string{figures.FlagShort}
		}
		it.Throughput = &rate
		out = append(out, it)
	}
	return out
}

func TestWarmUpIsMarked(t *testing.T) {
	for _, tc := range []struct {
		rates []float64
		want  []bool
	}{
		{[]float64{50, 100, 101, 99}, []bool{true, false, false, false}},
		{[]float64{50, 80, 100, 101, 99}, []bool{true, true, false, false, false}},
		{[]float64{91, 100, 101, 99}, []bool{false, false, false, false}},         // within a tenth
		{[]float64{100, 50, 100, 100}, []bool{false, false, false, false}},        // not at the beginning
		{[]float64{10, 20, 40, 80, 160}, []bool{true, true, false, false, false}}, // at most half
		{[]float64{50, 100}, []bool{false, false}},                                // two are left at least
		{[]float64{50, 100, 100}, []bool{true, false, false}},
		{nil, nil},
	} {
		its := iterations(tc.rates...)
		figures.MarkWarmUp(its, 0)
		var got []bool
		for _, it := range its {
			got = append(got, it.WarmUp)
		}
		require.Equal(t, tc.want, got, "%v", tc.rates)
	}
}

// At a fixed rate a cold job shows in its latency only.
func TestWarmUpAtAFixedRate(t *testing.T) {
	p50s := []float64{9, 0.5, 0.2, 0.25, 0.2}
	for rate, want := range map[float64][]bool{0: make([]bool, 5), 100: {true, true, false, false, false}} {
		its := iterations(100, 100, 100, 100, 100)
		for i := range its {
			its[i].Sinks = map[string]scalerun.Sink{
				"fast": {Latency: scalerun.Latency{P50: new(0.01)}}, "slow": {Latency: scalerun.Latency{P50: &p50s[i]}},
			}
		}
		figures.MarkWarmUp(its, rate)
		for i, it := range its {
			require.Equal(t, want[i], it.WarmUp, "rate %g, iteration %d", rate, i+1)
		}
	}
}

func TestThroughputIsOfCountedIterations(t *testing.T) {
	test := scalerun.Test{Iterations: iterations(50, 100, -101, 121)}
	figures.Conclude(&test, nil)
	require.Equal(t, scalerun.OK, test.Verdict)
	require.InDelta(t, math.Sqrt(100*121), *test.Throughput.Value, 1e-9)
	require.InDelta(t, 100, *test.Throughput.Low, 0)
	require.InDelta(t, 121, *test.Throughput.High, 0)
	require.Empty(t, test.Warnings)

	test = scalerun.Test{Iterations: iterations(-100, -100)}
	figures.Conclude(&test, nil)
	figures.Conclude(&test, nil)
	require.Len(t, test.Warnings, 1)
	require.InDelta(t, 100, *test.Throughput.Value, 1e-9)
	require.Contains(t, test.Warnings[0], "no iteration counts")
	require.Contains(t, test.Warnings[0], "short ×2")

	test = scalerun.Test{}
	figures.Conclude(&test, nil)
	require.Nil(t, test.Throughput.Value)
	require.Equal(t, scalerun.Aborted, test.Verdict)
}

func TestVerdicts(t *testing.T) {
	test := scalerun.Test{Iterations: iterations(100, 100)}
	figures.Conclude(&test, errors.New("the brokers are gone"))
	require.Equal(t, scalerun.Aborted, test.Verdict)
	require.Equal(t, "the brokers are gone", test.Reason)

	for change, want := range map[string]func(*scalerun.Iteration){
		"not sent as planned":        func(it *scalerun.Iteration) { it.NotSent = 3 },
		"did not reach every sink":   func(it *scalerun.Iteration) { it.Lost = 3 },
		"3 records were not sent as": func(it *scalerun.Iteration) { it.ProduceFailed = 3 },
	} {
		test := scalerun.Test{Iterations: iterations(100, 100)}
		want(&test.Iterations[1])
		figures.Conclude(&test, nil)
		require.Equal(t, scalerun.Void, test.Verdict, change)
		require.Contains(t, test.Reason, change)
	}
}

// TestASinkThatShowsNothingIsNamed: it is no loss of the job, which the other sinks show.
func TestASinkThatShowsNothingIsNamed(t *testing.T) {
	test := scalerun.Test{Iterations: iterations(100, 100)}
	for i := range test.Iterations {
		test.Iterations[i].Lost = 3
		test.Iterations[i].Sinks = map[string]scalerun.Sink{"alerts": {Seen: 100}, "search": {}, "archive": {}}
	}
	figures.Conclude(&test, nil)
	require.Contains(t, test.Reason, "6 records did not reach every sink, and none reached archive, search (does the job")

	test.Iterations[1].Sinks = map[string]scalerun.Sink{"search": {Seen: 1}, "archive": {Seen: 1}}
	figures.Conclude(&test, nil)
	require.Contains(t, test.Reason, "6 records did not reach every sink (does the job filter records")
}
