package stat

import (
	"errors"
	"math"
)

// Reasons for doubts about a line, in Line.Warnings.
var (
	// ErrTooFew: a line needs two samples, an interval needs MinSamples.
	ErrTooFew = errors.New("too few samples for an interval")
	// ErrConstant: all values are equal. The slope is 0. Without variation no error
	// can be estimated.
	ErrConstant = errors.New("all samples have the same value")
	// ErrNotFinite: a sample is infinite or not a number. There is no line.
	ErrNotFinite = errors.New("a sample is not finite")
	// ErrOneInstant: all samples were taken at the same time. There is no line.
	ErrOneInstant = errors.New("all samples were taken at the same time")
)

// MinSamples is the least number of samples for an interval. Two coefficients and the
// autocorrelation are estimated from them, so three degrees of freedom remain.
const MinSamples = 6

// Line is a least-squares line through samples, with its uncertainty. Its units follow from
// the samples: with times in seconds and values in bytes, Slope is in bytes per second.
type Line struct {
	// N is the number of samples.
	N int
	// Level is the value of the line at time 0; NaN if there is no line. If the times
	// are relative to now, Level is the present value.
	Level float64
	// Slope is the change of the value per unit of time; NaN if there is no line.
	Slope float64
	// SlopeError is the standard error of Slope, corrected for autocorrelation;
	// NaN if unknown.
	SlopeError float64
	// Autocorrelation is the correlation of successive residuals that is used to correct
	// SlopeError, between 0 and 1; NaN if unknown.
	Autocorrelation float64
	// EffectiveN is the number of independent samples that would determine the slope as
	// well as the N dependent samples; NaN if unknown.
	EffectiveN float64
	// Warnings are the doubts about the line; nil if there are none.
	Warnings []error

	// levelVariance is the variance of Level, covariance the covariance of Level and Slope.
	levelVariance, covariance float64
	// spread is the variance of a sample about the line.
	spread float64
}

// FitLine returns the least-squares line through the samples (times[i], values[i]). The
// slices must have the same length, and times must not decrease. The correction for
// autocorrelation assumes evenly spaced samples.
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

// centre computes the means. It sums the differences to the first sample, which are almost
// exact even for large values.
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

// pair is a sum in two halves. Each half accumulates half of the rounding errors, and the
// processor computes both in parallel.
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
