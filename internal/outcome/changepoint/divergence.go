package changepoint

import (
	"math"
	"slices"
)

// distances are the sums of the distances of the values of a window: at row i and column j the
// sum over all pairs of a value before i and a value before j.
type distances struct {
	sums []float64
	size int
}

// newDistances reuses the memory of earlier sums, which are not used any more.
func newDistances(values []float64, earlier distances) distances {
	d := distances{size: len(values) + 1}
	d.sums = slices.Grow(earlier.sums[:0], d.size*d.size)[:d.size*d.size]
	clear(d.sums[:d.size])
	for i, a := range values {
		row := 0.0
		d.sums[(i+1)*d.size] = 0
		for j, b := range values {
			row += math.Abs(a - b)
			d.sums[(i+1)*d.size+j+1] = d.sums[i*d.size+j+1] + row
		}
	}
	return d
}

// between is the sum of the distances of all pairs of a value in [a, b) and one in [c, e).
func (d distances) between(a, b, c, e int) float64 {
	return d.sums[b*d.size+e] - d.sums[a*d.size+e] - d.sums[b*d.size+c] + d.sums[a*d.size+c]
}

// divergence says how much the values in [first, at) and in [at, end) differ: the mean
// distance between values of both parts, less the mean distances within each, weighted by
// their sizes n and m:
//
//	n·m/(n+m) · (2·mean|x-y| - mean|x-x'| - mean|y-y'|)
//
// D. S. Matteson and N. A. James, "A nonparametric approach for multiple change point analysis
// of multivariate data", JASA 109 (2014), 334–345, with the exponent 1. A mean of distances is
// less moved by an outlier than a variance.
func (d distances) divergence(first, at, end int) float64 {
	n, m := float64(at-first), float64(end-at)
	across := d.between(first, at, at, end) / (n * m)
	left := d.between(first, at, first, at) / (n * (n - 1))
	right := d.between(at, end, at, end) / (m * (m - 1))
	return n * m / (n + m) * (2*across - left - right)
}

// best is the place between first and end with the largest divergence of the two parts beside
// it. The second part may end before end, so that a later change back does not hide this one.
// ok is false if the parts would be too short.
func (d distances) best(first, end, minSegment int) (at int, ok bool) {
	most := math.Inf(-1)
	for i := first + minSegment; i <= end-minSegment; i++ {
		for until := i + minSegment; until <= end; until++ {
			if q := d.divergence(first, i, until); q > most {
				at, most, ok = i, q, true
			}
		}
	}
	return at, ok
}
