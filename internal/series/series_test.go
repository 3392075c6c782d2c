package series

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time {
	return start.Add(time.Duration(seconds * float64(time.Second)))
}

// of returns samples of the given values, ten seconds apart.
func of(values ...float64) []Sample {
	var out []Sample
	for i, v := range values {
		out = append(out, Sample{T: at(10 * float64(i)), V: v})
	}
	return out
}

func filled(span time.Duration, limit int, samples []Sample) *Window {
	w := NewWindow(span, limit)
	for _, s := range samples {
		w.Add(s)
	}
	return w
}

func TestWindowForgetsWhatIsOlderThanItsSpan(t *testing.T) {
	w := filled(40*time.Second, 100, of(0, 1, 2, 3, 4, 5))
	require.Equal(t, of(0, 1, 2, 3, 4, 5)[1:], w.Samples(), "a sample exactly at the edge stays")

	w.Trim(at(65))
	require.Equal(t, of(0, 1, 2, 3, 4, 5)[3:], w.Samples(), "without a new sample, time passes")

	w.Trim(at(1000))
	require.Zero(t, w.Len())
	_, ok := w.Last()
	require.False(t, ok)
}

func TestWindowHoldsNoMoreThanItsLimit(t *testing.T) {
	w := filled(time.Hour, 3, of(0, 1, 2, 3, 4))
	require.Equal(t, of(0, 1, 2, 3, 4)[2:], w.Samples())
	last, ok := w.Last()
	require.True(t, ok)
	require.Equal(t, Sample{T: at(40), V: 4}, last)
}

func TestWindowRefusesSamples(t *testing.T) {
	w := filled(time.Minute, 100, of(1, 2, 3))
	for name, s := range map[string]Sample{
		"not a number":             {T: at(30), V: math.NaN()},
		"the same sample again":    {T: at(20), V: 3},
		"another at the same time": {T: at(20), V: 4},
		"older than the last":      {T: at(15), V: 2.5},
	} {
		require.False(t, w.Add(s), name)
	}
	require.Equal(t, of(1, 2, 3), w.Samples())
	require.True(t, w.Add(Sample{T: at(30), V: math.Inf(1)}), "infinity is a value")
}

func TestSampleThatLeftTheWindowDoesNotReturn(t *testing.T) {
	w := filled(time.Minute, 100, of(1))
	w.Trim(at(3600))
	require.Zero(t, w.Len())
	require.False(t, w.Add(of(1)[0]), "the last checkpoint of a job that no longer takes checkpoints")
}

func TestClockSetBackBeginsANewWindow(t *testing.T) {
	w := filled(time.Minute, 100, of(1, 2, 3))
	require.True(t, w.Add(Sample{T: at(-3600), V: 9}))
	require.Equal(t, []Sample{{T: at(-3600), V: 9}}, w.Samples())
}

func TestLongGapBeginsANewWindow(t *testing.T) {
	w := filled(time.Hour, 100, of(1, 2, 3))
	require.True(t, w.Add(Sample{T: at(20 + 15*60), V: 4}))
	require.Equal(t, 4, w.Len(), "a quarter of the span is no long gap")
	require.True(t, w.Add(Sample{T: at(20 + 30*60 + 1), V: 5}))
	require.Equal(t, []Sample{{T: at(20 + 30*60 + 1), V: 5}}, w.Samples())
}

func TestNewRunCutsTheWindow(t *testing.T) {
	w := NewWindow(time.Hour, 100)
	require.False(t, w.Within("run-1"), "the first run cuts nothing")
	w.Add(Sample{T: at(0), V: 1})
	require.False(t, w.Within(""), "an unknown run is not a new run")
	require.False(t, w.Within("run-1"))
	require.Equal(t, 1, w.Len())

	require.True(t, w.Within("run-2"))
	require.Zero(t, w.Len())
	require.True(t, w.Add(Sample{T: at(0), V: 7}), "a new run begins with an empty window")
}

func TestSamplesIsACopy(t *testing.T) {
	w := filled(time.Hour, 100, of(1, 2))
	w.Samples()[0].V = 99
	require.Equal(t, of(1, 2), w.Samples())
}

func TestAppendSecondsCountsFromTheOrigin(t *testing.T) {
	w := filled(time.Hour, 100, of(5, 6, 7))
	times, values := w.AppendSeconds(at(20.5), []float64{-99}, nil)
	require.Equal(t, []float64{-99, -20.5, -10.5, -0.5}, times)
	require.Equal(t, []float64{5, 6, 7}, values)

	times, values = w.AppendSeconds(at(0), times[:0], values[:0])
	require.Equal(t, []float64{0, 10, 20}, times)
	require.Equal(t, []float64{5, 6, 7}, values, "the buffers are reused")
}

func TestMinimaIsTheLowerEdgeOfASawtooth(t *testing.T) {
	// Stretches of 30 s from 12:00:00, three samples in each.
	saw := of(
		50, 60, 70, // the first stretch may be incomplete and is left out
		80, 10, 20, // 10 at 40 s
		30, 40, 12, // 12 at 80 s
		22, 14, 24, // 14 at 100 s
	)
	whole := []Sample{{T: at(40), V: 10}, {T: at(80), V: 12}, {T: at(100), V: 14}}
	require.Equal(t, whole, Minima(saw, 30*time.Second, at(120)))
	require.Equal(t, whole[:2], Minima(saw, 30*time.Second, at(119)), "the last stretch has not ended")
}

func TestMinimaLeavesGapsAsGaps(t *testing.T) {
	samples := []Sample{{T: at(0), V: 1}, {T: at(40), V: 5}, {T: at(1000), V: 3}}
	require.Equal(t, samples[1:], Minima(samples, 30*time.Second, at(1100)))
}

func TestMinimaOfFewSamples(t *testing.T) {
	require.Empty(t, Minima(nil, time.Minute, at(0)))
	require.Empty(t, Minima(of(1, 2), time.Minute, at(3600)), "one stretch, and it is the first")
}

func TestFarFutureSampleDoesNotStopTheWindow(t *testing.T) {
	w := filled(time.Minute, 100, of(1))
	require.True(t, w.Add(Sample{T: at(1e9), V: 2}), "the clock was wrong")
	require.True(t, w.Add(Sample{T: at(20), V: 3}))
	require.Equal(t, []Sample{{T: at(20), V: 3}}, w.Samples())
}

func TestValleys(t *testing.T) {
	saw := of(5, 6, 2, 4, 6, 3, 3, 5, 1)
	require.Equal(t, []Sample{saw[2], saw[5]}, Valleys(saw, 0), "the last sample has none after it")
	require.Equal(t, saw[2:3], Valleys(saw, 40*time.Second), "3 is not the lowest within reach")
	require.Empty(t, Valleys(of(1, 2, 3), 0))
	require.Empty(t, Valleys(nil, time.Minute))
}
