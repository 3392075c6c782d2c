package stat

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTwoSided compares with tables of Student's t.
func TestTwoSided(t *testing.T) {
	for _, c := range []struct{ t, freedom, want float64 }{
		{12.706, 1, 0.05},
		{2.776, 4, 0.05},
		{-2.776, 4, 0.05},
		{3.169, 10, 0.01},
		{1.9600, math.Inf(1), 0.05},
		{0, 4, 1},
	} {
		require.InDelta(t, c.want, TwoSided(c.t, c.freedom), 1e-4, c)
	}
	for _, freedom := range []float64{3, 19, 50, 1000} {
		require.InDelta(t, 0.01, TwoSided(studentQuantile(0.005, freedom), freedom), 1e-6, freedom)
	}
}

// TestWelchErrorIsThatOfTheInterval: both have the same estimate, error and degrees of freedom.
func TestWelchErrorIsThatOfTheInterval(t *testing.T) {
	before, after := []float64{1, 2, 4, 3}, []float64{5, 9, 7}
	d, ok := Welch(before, after, 0.05)
	require.True(t, ok)
	estimate, spread, freedom, ok := WelchError(before, after)
	require.True(t, ok)
	require.Equal(t, []float64{d.Estimate, d.Error, d.Freedom}, []float64{estimate, spread, freedom})
	_, _, _, ok = WelchError(before, after[:1])
	require.False(t, ok)
	_, _, freedom, ok = WelchError([]float64{1, 1}, []float64{2, 2})
	require.True(t, ok)
	require.True(t, math.IsNaN(freedom))
}
