package changepoint

import (
	"math"
	"slices"
)

// Settings are the limits of [Detect].
type Settings struct {
	// Window is how many values are searched at a time: a change that is taken back soon is
	// small beside a long series. Windows overlap by half.
	Window int
	// MinSegment is the fewest values between two change points, and before the first and
	// after the last one.
	MinSegment int
	// MaxP is the largest probability of a difference of two segments by chance, FirstP that of
	// the first step: some points only become sure when others beside them are known.
	MaxP, FirstP float64
	// MinChange is the smallest change, as a share: 0.02 is 2 %.
	MinChange float64
}

// DefaultSettings are those of the detector. Window is the default of Apache Otava. MaxP and
// FirstP were chosen on generated series, so that a hundred series without a change have one to
// three points, and short changes are found too.
func DefaultSettings() Settings {
	return Settings{Window: 50, MinSegment: MinSegment, MaxP: 0.0001, FirstP: 0.02, MinChange: 0.02}
}

// MinSegment is the fewest values on a side of a change point. The spread of fewer values is
// hardly known.
const MinSegment = 4

// Step is a change of the mean of a series.
type Step struct {
	// Index is that of the first value after the change.
	Index int
	// Before and After are how many values the two segments have.
	Before, After int
	// LogRatio is the logarithm of the ratio of the geometric means, after to before.
	LogRatio float64
	// MeanBefore and MeanAfter are the geometric means of the two segments.
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
	if _, p := d.compare(span{offset + first, offset + at, offset + end}); p > d.FirstP {
		return
	}
	*points = append(*points, offset+at)
	d.divide(sums, offset, first, at, points)
	d.divide(sums, offset, at, end, points)
}
