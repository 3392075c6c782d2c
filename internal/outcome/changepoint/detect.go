package changepoint

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	ours "github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// Settings are the limits of [Detect].
type Settings struct {
	// Window is how many values are searched at a time: a change that is taken back soon is
	// small beside a long series. Windows overlap by half.
	Window int
	// MinSegment is the fewest values between two change points, and before the first and
	// after the last one.
	MinSegment int
	// MaxP is the largest probability of a difference of two segments by chance.
	MaxP float64
	// MinChange is the smallest change, as a share: 0.02 is 2 %.
	MinChange float64
}

// DefaultSettings are those of the detector. Window is the default of Apache Otava. MaxP was
// chosen on generated series, so that a hundred series without a change have about one point.
func DefaultSettings() Settings {
	return Settings{Window: 50, MinSegment: MinSegment, MaxP: 0.0002, MinChange: 0.02}
}

// MinSegment is the fewest values on a side of a change point: from 4 on a test of means can
// be significant at one in a thousand.
const MinSegment = 4

// weaker is how much less sure a point of the first step may be. Some of these points only
// become sure when others beside them are gone.
const weaker = 10

// Step is a change of the mean of a series.
type Step struct {
	// Index is that of the first value after the change.
	Index int
	// Before and After are how many values the two segments have.
	Before, After int
	// LogRatio is the logarithm of the ratio of the geometric means, after to before.
	LogRatio float64
	// Mean are the geometric means of the two segments.
	MeanBefore, MeanAfter float64
	// P is the probability of such a difference by chance, for two segments that were not
	// chosen. They were, so it is a measure of strength and no error rate.
	P float64
}

// Detect returns the steps of a series, oldest first. The values are above 0, oldest first,
// and are compared by their logarithms. It is the method of M. Fleming et al., "Hunter: using
// change point detection to hunt for performance regressions", ICPE 2023:
//
//  1. In windows, the divergence of D. S. Matteson and N. A. James ([divergence]) names the
//     best place to split. A t-test decides, and both parts are split again.
//  2. The weakest point is dropped until all are significant and large enough.
//
// It differs from Hunter in three points. Single outliers are replaced first ([calmed]). The
// t-test takes the values for as dependent as they are ([dependence]), because those of a real
// job wander. In the end each point moves to the place between its neighbours that separates
// the two means best.
func Detect(values []float64, s Settings) []Step {
	logs := make([]float64, len(values))
	for i, v := range values {
		if !(v > 0) || math.IsInf(v, 1) {
			return nil
		}
		logs[i] = math.Log(v)
	}
	d := detector{Settings: s, values: calmed(logs)}
	points := d.split()
	d.stretch = dependence(d.values, points)
	points = d.settle(points)
	for i := range points {
		points[i] = d.best(d.around(points, i))
	}
	return d.steps(d.settle(points))
}

// detector looks at one series.
type detector struct {
	Settings
	values []float64 // logarithms
	// stretch is by how much dependence widens the variance of a mean; 1 for none.
	stretch float64
}

// span is a part of a series with a place to split it: first ≤ at < end.
type span struct{ first, at, end int }

// split is the first step. It returns the places of points, ascending.
func (d *detector) split() (points []int) {
	d.stretch = 1
	var sums distances
	for start := 0; start < len(d.values); start += max(1, d.Window/2) {
		end := min(start+d.Window, len(d.values))
		sums = newDistances(d.values[start:end], sums)
		d.divide(sums, start, 0, end-start, &points)
		if end == len(d.values) {
			break
		}
	}
	slices.Sort(points)
	return slices.Compact(points)
}

// divide splits a part of a window as long as the parts differ.
func (d *detector) divide(sums distances, offset, first, end int, points *[]int) {
	at, ok := sums.best(first, end, d.MinSegment)
	if !ok {
		return
	}
	if _, p := d.compare(span{offset + first, offset + at, offset + end}); p > weaker*d.MaxP {
		return
	}
	*points = append(*points, offset+at)
	d.divide(sums, offset, first, at, points)
	d.divide(sums, offset, at, end, points)
}

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
