package stat

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// The examples of Newcombe's table II, method 10, at 95 %. His difference is the first
// proportion minus the second; Newcombe returns the second minus the first.
func TestNewcombe(t *testing.T) {
	z := Deviate(0.05)
	require.InDelta(t, 1.959964, z, 1e-6)
	for _, test := range []struct {
		first, of1, second, of2 int64
		low, high               float64
	}{
		{56, 70, 48, 80, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.1705, 0.8090},
		{6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775},
		{0, 10, 0, 10, -0.2775, 0.2775},
		{10, 10, 0, 20, 0.6791, 1},
		{10, 10, 0, 10, 0.6075, 1},
	} {
		low, high := Newcombe(test.second, test.of2, test.first, test.of1, z)
		require.Equal(t, fmt.Sprintf("%.4f %.4f", test.low, test.high), fmt.Sprintf("%.4f %.4f", low, high))
	}
}

// The first three are computed by hand: for 0 of 10 the upper end is z²/(10+z²), and for 10
// of 10 the lower end is 1 minus that. The last is the example of R. G. Newcombe, "Two-sided
// confidence intervals for the single proportion", Statistics in Medicine 17 (1998),
// 857–872, method 3.
func TestWilson(t *testing.T) {
	z := Deviate(0.05)
	for _, test := range []struct {
		count, n  int64
		low, high float64
	}{
		{0, 10, 0, 0.2775},
		{10, 10, 0.7225, 1},
		{1, 10, 0.0179, 0.4042},
		{81, 263, 0.2553, 0.3662},
	} {
		low, high := Wilson(test.count, test.n, z)
		require.Equal(t, fmt.Sprintf("%.4f %.4f", test.low, test.high), fmt.Sprintf("%.4f %.4f", low, high),
			"%d of %d", test.count, test.n)
	}
	low, high := Wilson(0, 0, z)
	require.Equal(t, []float64{0, 1}, []float64{low, high}, "without samples nothing is known")
}
