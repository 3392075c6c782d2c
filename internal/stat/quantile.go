package stat

import (
	"math"
	"slices"
)

// Quantile returns the q-quantile of values, interpolated linearly between the two
// nearest values: definition 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in
// statistical packages", The American Statistician 50 (1996), 361–365. Prometheus'
// quantile and quantile_over_time, numpy and R use the same definition, so the result
// agrees with Grafana. ok is false without values and for a q outside 0 to 1. The values
// may be in any order. Quantile does not change them.
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

// Median returns the median of values; ok is false without values.
func Median(values []float64) (v float64, ok bool) { return Quantile(values, 0.5) }
