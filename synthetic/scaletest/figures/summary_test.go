package figures_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

// iterations have the given throughputs; a negative one is flagged as short.
func iterations(rates ...float64) (out []episode.ScaleIteration) {
	for i, rate := range rates {
		it := episode.ScaleIteration{Iteration: i + 1, Intended: 10, Sent: 10, Flags: []string{}}
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
			its[i].Sinks = map[string]episode.ScaleSink{
				"fast": {Latency: episode.ScaleLatency{P50: new(0.01)}}, "slow": {Latency: episode.ScaleLatency{P50: &p50s[i]}},
			}
		}
		figures.MarkWarmUp(its, rate)
		for i, it := range its {
			require.Equal(t, want[i], it.WarmUp, "rate %g, iteration %d", rate, i+1)
		}
	}
}

func TestThroughputIsOfCountedIterations(t *testing.T) {
	test := episode.ScaleTest{Iterations: iterations(50, 100, -101, 121)}
	figures.Conclude(&test, nil)
	require.Equal(t, episode.ScaleOK, test.Verdict)
	require.InDelta(t, math.Sqrt(100*121), *test.Throughput.Value, 1e-9)
	require.InDelta(t, 100, *test.Throughput.Low, 0)
	require.InDelta(t, 121, *test.Throughput.High, 0)
	require.Empty(t, test.Warnings)

	test = episode.ScaleTest{Iterations: iterations(-100, -100)}
	figures.Conclude(&test, nil)
	figures.Conclude(&test, nil)
	require.Len(t, test.Warnings, 1)
	require.InDelta(t, 100, *test.Throughput.Value, 1e-9)
	require.Contains(t, test.Warnings[0], "no iteration counts")
	require.Contains(t, test.Warnings[0], "short ×2")

	test = episode.ScaleTest{}
	figures.Conclude(&test, nil)
	require.Nil(t, test.Throughput.Value)
	require.Equal(t, episode.ScaleAborted, test.Verdict)
}

func TestVerdicts(t *testing.T) {
	test := episode.ScaleTest{Iterations: iterations(100, 100)}
	figures.Conclude(&test, errors.New("the brokers are gone"))
	require.Equal(t, episode.ScaleAborted, test.Verdict)
	require.Equal(t, "the brokers are gone", test.Reason)

	for change, want := range map[string]func(*episode.ScaleIteration){
		"not sent as planned":        func(it *episode.ScaleIteration) { it.NotSent = 3 },
		"did not reach every sink":   func(it *episode.ScaleIteration) { it.Lost = 3 },
		"3 records were not sent as": func(it *episode.ScaleIteration) { it.ProduceFailed = 3 },
	} {
		test := episode.ScaleTest{Iterations: iterations(100, 100)}
		want(&test.Iterations[1])
		figures.Conclude(&test, nil)
		require.Equal(t, episode.ScaleVoid, test.Verdict, change)
		require.Contains(t, test.Reason, change)
	}
}
