package scaletest

import (
	"fmt"
	"math"
	"time"
)

// The shapes of a load.
const (
	// Steady sends at the rate all the time.
	Steady = "steady"
	// Peak sends at the rate, and at three times the rate in the middle third of the time.
	Peak = "peak"
	// Ramp rises evenly from a tenth of the rate to the rate.
	Ramp = "ramp"
)

// Shapes lists the shapes.
func Shapes() []string { return []string{Steady, Peak, Ramp} }

const (
	peakFactor = 3   // the rate of a peak, as a multiple
	rampFrom   = 0.1 // the first rate of a ramp, as a share
)

// schedule says when each of n records is due. It is a pure function: the sending is
// elsewhere.
type schedule struct {
	shape string
	rate  float64 // records per second, above 0
	n     int
}

// String describes the schedule, for people.
func (s schedule) String() string {
	switch s.shape {
	case Peak:
		return fmt.Sprintf("%g records/s, %g in the middle third of %s", s.rate, peakFactor*s.rate, s.length())
	case Ramp:
		return fmt.Sprintf("%g to %g records/s within %s", rampFrom*s.rate, s.rate, s.length())
	}
	return fmt.Sprintf("%g records/s for %s", s.rate, s.length())
}

// seconds is the planned length. With rate r and length T:
//
//	steady  n = r·T
//	peak    n = r·T/3 + 3r·T/3 + r·T/3 = 5/3·r·T
//	ramp    n = (0.1 + 1)/2·r·T
func (s schedule) seconds() float64 {
	steady := float64(s.n) / s.rate
	switch s.shape {
	case Peak:
		return steady * 3 / (2 + peakFactor)
	case Ramp:
		return steady * 2 / (1 + rampFrom)
	}
	return steady
}

// length is the planned length of the whole schedule.
func (s schedule) length() time.Duration { return inSeconds(s.seconds()).Round(time.Millisecond) }

// due returns the time from the start to the i-th record, counted from 0.
func (s schedule) due(i int) time.Duration {
	k := float64(i)
	switch s.shape {
	case Peak:
		return inSeconds(s.peak(k))
	case Ramp:
		return inSeconds(s.ramp(k))
	}
	return inSeconds(k / s.rate)
}

// peak is when k records are due: the three parts have n/5, 3n/5 and n/5 records.
func (s schedule) peak(k float64) float64 {
	third := s.seconds() / 3
	part := third * s.rate // records in the first part, and in the last
	switch {
	case k < part:
		return k / s.rate
	case k < part*(1+peakFactor):
		return third + (k-part)/(peakFactor*s.rate)
	}
	return 2*third + (k-part*(1+peakFactor))/s.rate
}

// ramp is when k records are due: the solution of k = r·(a·t + (1-a)·t²/2T) for t, with a
// the first share of the rate.
func (s schedule) ramp(k float64) float64 {
	length := s.seconds()
	growth := (1 - rampFrom) / length
	return (-rampFrom + math.Sqrt(rampFrom*rampFrom+2*growth*k/s.rate)) / growth
}

func inSeconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
