package changepoint

import (
	"math"
	"slices"

	ours "github.com/flink-sidecar/flink-sidecar/internal/stat"
)

const (
	// besides is how many values on each side say what is usual for a value. A step stays
	// as it is if at least so many values and one more follow it.
	besides = MinSegment - 1
	// outlying is from how many standard deviations of the noise a value is an outlier.
	outlying = 4
	// normalMAD is the standard deviation of normal values with a median distance of 1 from
	// their median.
	normalMAD = 1.4826
)

// calmed replaces single outliers by the median of the values beside them: F. R. Hampel, "The
// influence curve and its role in robust estimation", JASA 69 (1974), 383–393. The noise is
// that of the differences of successive values, which steps do not move.
func calmed(values []float64) []float64 {
	var changes []float64
	for i := 1; i < len(values); i++ {
		changes = append(changes, math.Abs(values[i]-values[i-1]))
	}
	typical, _ := ours.Median(changes)
	limit := outlying * normalMAD * typical / math.Sqrt2
	out := slices.Clone(values)
	var memory [2*besides + 1]float64
	for i, v := range values {
		near := append(memory[:0], values[max(0, i-besides):min(len(values), i+besides+1)]...)
		slices.Sort(near)
		usual := (near[(len(near)-1)/2] + near[len(near)/2]) / 2
		if limit > 0 && math.Abs(v-usual) > limit {
			out[i] = usual
		}
	}
	return out
}

// mostAlike bounds the correlation of successive values. Nearer to 1 a wander and a step are
// the same.
const mostAlike = 0.9

// dependence is by how much the variance of a mean of successive values exceeds that of
// independent ones:
//
//	(1 + r) / (1 - r)
//
// for values of which successive ones have the correlation r, and those k apart r^k. r follows
// from differences within segments, which the unknown means do not bias: those of values two
// apart have (1 + r) times the variance of successive ones. It is 1 for independent values,
// and for too few.
func dependence(values []float64, points []int) float64 {
	near, nearCount := 0.0, 0
	far, farCount := 0.0, 0
	first := 0
	for _, end := range append(slices.Clone(points), len(values)) {
		for i := first + 1; i < end; i++ {
			near += square(values[i] - values[i-1])
			nearCount++
			if i > first+1 {
				far += square(values[i] - values[i-2])
				farCount++
			}
		}
		first = end
	}
	if near == 0 || farCount == 0 {
		return 1
	}
	r := far/float64(farCount)/(near/float64(nearCount)) - 1
	r = min(max(r, 0), mostAlike)
	return (1 + r) / (1 - r)
}

func square(v float64) float64 { return v * v }
