package changepoint_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint/changepointtest"
)

// level are n values around a mean, with a noise of 1 %.
func level(n int, mean float64, random *rand.Rand) (values []float64) {
	for range n {
		values = append(values, mean*math.Exp(0.01*random.NormFloat64()))
	}
	return values
}

func TestDetectOneStep(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	values := append(level(40, 100, random), level(30, 110, random)...)
	steps := changepoint.Detect(values, changepoint.DefaultSettings())
	require.Len(t, steps, 1)
	s := steps[0]
	require.Equal(t, 40, s.Index)
	require.Equal(t, 40, s.Before)
	require.Equal(t, 30, s.After)
	require.InDelta(t, math.Log(1.1), s.LogRatio, 0.01)
	require.InDelta(t, 100, s.MeanBefore, 1)
	require.InDelta(t, 110, s.MeanAfter, 1)
	require.Less(t, s.P, 1e-10)
}

// TestChangesThatAreTakenBack counts how often both points of a short change are found. It is a
// share of 100 series.
func TestChangesThatAreTakenBack(t *testing.T) {
	for length, least := range map[int]int{8: 75, 10: 85, 15: 95} {
		both := 0
		for _, series := range changepointtest.Excursions(length) {
			if changepointtest.All(series.Points, found(series.Values)) {
				both++
			}
		}
		t.Logf("%d values: %d of 100", length, both)
		require.GreaterOrEqual(t, both, least, length)
	}
}

// TestNothingIsFoundIn names series in which nothing changed, or nothing can be said.
func TestNothingIsFoundIn(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	one := level(60, 100, random)
	one[30] *= 3
	for name, values := range map[string][]float64{
		"nothing":            nil,
		"one value":          {1},
		"constant":           slices.Repeat([]float64{5}, 50),
		"a single outlier":   one,
		"too few values":     {100, 100.1, 99.9, 200, 200.1, 199.9},
		"a change of 1 %":    append(slices.Repeat([]float64{100, 100.01}, 20), slices.Repeat([]float64{101, 101.01}, 20)...),
		"a zero":             append(slices.Repeat([]float64{100, 101}, 10), 0),
		"what is not finite": append(slices.Repeat([]float64{100, 101}, 10), math.Inf(1)),
		"what is no number":  append(slices.Repeat([]float64{100, 101}, 10), math.NaN()),
	} {
		require.Empty(t, found(values), name)
	}
}

// TestConstantSegments: without any noise the difference is certain.
func TestConstantSegments(t *testing.T) {
	values := append(slices.Repeat([]float64{100}, 10), slices.Repeat([]float64{120}, 10)...)
	require.Equal(t, []int{10}, found(values))
}

// TestUnitsDoNotMatter: the same series in milliseconds has the same points.
func TestUnitsDoNotMatter(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 1))
	values := append(level(30, 0.1, random), level(30, 0.12, random)...)
	want := found(values)
	require.Len(t, want, 1)
	for i := range values {
		values[i] *= 1000
	}
	require.Equal(t, want, found(values))
}
