package changepoint

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	ours "github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// settle drops the weakest point until all are sure and large enough.
func (d *detector) settle(points []int) []int {
	points = slices.Clone(points)
	for len(points) > 0 {
		weakest, leastSure := 0, -1.0
		smallest, least := 0, math.Inf(1)
		for i := range points {
			s := d.around(points, i)
			change, p := d.compare(s)
			if min(s.at-s.first, s.end-s.at) < d.MinSegment {
				p = 1
			}
			if p > leastSure {
				weakest, leastSure = i, p
			}
			if math.Abs(change) < least {
				smallest, least = i, math.Abs(change)
			}
		}
		switch {
		case leastSure > d.MaxP:
			points = slices.Delete(points, weakest, weakest+1)
		case least < math.Log1p(d.MinChange):
			points = slices.Delete(points, smallest, smallest+1)
		default:
			return points
		}
	}
	return nil
}

// around is the part of the series between the neighbours of a point.
func (d *detector) around(points []int, i int) span {
	s := span{0, points[i], len(d.values)}
	if i > 0 {
		s.first = points[i-1]
	}
	if i+1 < len(points) {
		s.end = points[i+1]
	}
	return s
}

// compare tests the two sides of a split: Welch's t, with the variance of the means and the
// degrees of freedom of as many independent values as the sides are worth.
func (d *detector) compare(s span) (logRatio, p float64) {
	change, spread, freedom, ok := ours.WelchError(d.values[s.first:s.at], d.values[s.at:s.end])
	switch {
	case !ok || change == 0:
		return 0, 1
	case spread == 0 || math.IsNaN(freedom): // squares of a tiny spread are 0
		return change, 0
	}
	return change, ours.TwoSided(change/(spread*math.Sqrt(d.stretch)), max(1, freedom/d.stretch))
}

// best is the split of a span that leaves the least sum of squares.
func (d *detector) best(s span) int {
	total, n := 0.0, float64(s.end-s.first)
	for _, v := range d.values[s.first:s.end] {
		total += v
	}
	mean, sum := total/n, 0.0
	at, most := s.at, -1.0
	for i := s.first + 1; i < s.end; i++ {
		sum += d.values[i-1] - mean
		left, right := i-s.first, s.end-i
		if min(left, right) < d.MinSegment {
			continue
		}
		if gain := sum * sum * (1/float64(left) + 1/float64(right)); gain > most {
			at, most = i, gain
		}
	}
	return at
}

// steps describes the points.
func (d *detector) steps(points []int) (steps []Step) {
	for i, at := range points {
		s := d.around(points, i)
		change, p := d.compare(s)
		steps = append(steps, Step{
			Index: at, Before: at - s.first, After: s.end - at, LogRatio: change, P: p,
			MeanBefore: math.Exp(stat.Mean(d.values[s.first:at], nil)),
			MeanAfter:  math.Exp(stat.Mean(d.values[at:s.end], nil)),
		})
	}
	return steps
}
