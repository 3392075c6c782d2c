package stat

import (
	"errors"
	"math"
)

// Why a line may say less than one would like. They are found in Line.Warnings.
var (
	// ErrTooFew: two samples make a line, MinSamples make an interval.
	ErrTooFew = errors.New("too few samples for an interval")
	// ErrConstant: all values are equal. The slope is 0 and nothing varies that
	// an error could be estimated from.
	ErrConstant = errors.New("all samples have the same value")
	// ErrNotFinite: a sample is infinite or not a number. There is no line.
	ErrNotFinite = errors.New("a sample is not finite")
	// ErrOneInstant: all samples were taken at the same time. There is no line.
	ErrOneInstant = errors.New("all samples were taken at the same time")
)

// MinSamples is how many samples an interval needs at least: two coefficients
// and the autocorrelation are estimated from them, and three are left over.
const MinSamples = 6

// Line is a least-squares line through samples, and how far to trust it. Units
// are those of the samples: with times in seconds and values in bytes, Slope is
// in bytes per second.
type Line struct {
	// N is the number of samples the line was fitted to.
	N int
	// Level is the value of the line at time 0, NaN when there is no line. A
	// caller that wants the present value gives times relative to now.
	Level float64
	// Slope is the change of the value per unit of time, NaN when there is no
	// line.
	Slope float64
	// SlopeError is the standard error of Slope, corrected for autocorrelation;
	// NaN when it is not known.
	SlopeError float64
	// Autocorrelation is the correlation of successive residuals that SlopeError
	// was corrected for, between 0 and 1; NaN when it is not known.
	Autocorrelation float64
	// EffectiveN is how many independent samples would have determined the slope
	// as well as the N dependent ones did; NaN when it is not known.
	EffectiveN float64
	// Warnings are the doubts about the line; nil when there are none.
	Warnings []error

	// levelVariance and covariance are those of Level, and of Level and Slope.
	levelVariance, covariance float64
}

// FitLine returns the least-squares line through the samples (times[i],
// values[i]). The slices have the same length and times don't decrease; the
// correction for autocorrelation takes the samples as evenly spaced.
func FitLine(times, values []float64) Line {
	unknown := math.NaN()
	line := Line{
		N: len(times), Level: unknown, Slope: unknown, SlopeError: unknown, Autocorrelation: unknown, EffectiveN: unknown,
	}
	if line.N < 2 {
		line.Warnings = []error{ErrTooFew}
		return line
	}
	c := centre(times, values)
	switch {
	case math.IsNaN(c.value) || math.IsInf(c.value, 0):
		line.Warnings = []error{ErrNotFinite}
		return line
	case c.constant:
		line.Slope, line.Level, line.SlopeError = 0, values[0], 0
		line.Warnings = []error{ErrConstant}
		return line
	}
	m := c.moments(times, values)
	if m.timeTime == 0 {
		line.Warnings = []error{ErrOneInstant}
		return line
	}
	line.Slope = m.timeValue / m.timeTime
	line.Level = c.value - line.Slope*c.time
	if line.N < MinSamples {
		line.Warnings = []error{ErrTooFew}
		return line
	}
	line.doubt(c, m, times, values)
	return line
}

// centres are the means of times and values.
type centres struct {
	time, value float64
	constant    bool // all values are equal
}

// centre finds the means. The sums run over differences to the first sample,
// which are exact or nearly so however large the samples are.
func centre(times, values []float64) centres {
	var t, v pair
	t0, v0 := times[0], values[0]
	constant := true
	values = values[:len(times)]
	for i := 1; i < len(times); i += 2 {
		constant = constant && values[i-1] == v0 && values[i] == v0
		t.even += times[i-1] - t0
		t.odd += times[i] - t0
		v.even += values[i-1] - v0
		v.odd += values[i] - v0
	}
	if i := len(times) - 1; i%2 == 0 {
		constant = constant && values[i] == v0
		t.even += times[i] - t0
		v.even += values[i] - v0
	}
	n := float64(len(times))
	return centres{time: t0 + t.sum()/n, value: v0 + v.sum()/n, constant: constant && !math.IsInf(v0, 0)}
}

// pair is a sum in two halves: half the rounding errors add up in each, and the
// processor works on both at once.
type pair struct{ even, odd float64 }

func (p pair) sum() float64 { return p.even + p.odd }

// moments are the sums of squares and products about the means.
type moments struct{ timeTime, timeValue float64 }

func (c centres) moments(times, values []float64) moments {
	var tt, tv pair
	values = values[:len(times)]
	for i := 1; i < len(times); i += 2 {
		even, odd := times[i-1]-c.time, times[i]-c.time
		tt.even += even * even
		tt.odd += odd * odd
		tv.even += even * (values[i-1] - c.value)
		tv.odd += odd * (values[i] - c.value)
	}
	if i := len(times) - 1; i%2 == 0 {
		t := times[i] - c.time
		tt.even += t * t
		tv.even += t * (values[i] - c.value)
	}
	return moments{timeTime: tt.sum(), timeValue: tv.sum()}
}
