package stat

import (
	"math"
	"slices"
)

// Quantile returns the q-quantile of values, interpolated linearly between the
// two nearest, as Prometheus' quantile_over_time does. There is none of no
// values, nor for a q outside 0 to 1. The values may be in any order and are
// left as they are.
func Quantile(values []float64, q float64) (v float64, ok bool) {
	if len(values) == 0 || q < 0 || q > 1 || math.IsNaN(q) {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := q * float64(len(sorted)-1)
	below := math.Floor(rank)
	low, high := sorted[int(below)], sorted[int(math.Ceil(rank))]
	if low == high { // also where both are infinite
		return low, true
	}
	return low + (rank-below)*(high-low), true
}

// Median returns the middle of values, and none of no values.
func Median(values []float64) (v float64, ok bool) { return Quantile(values, 0.5) }
