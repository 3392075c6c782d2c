package load

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

// The rates of the shapes, as multiples of the rate.
const (
	PeakFactor = 3   // the rate of a peak
	rampFrom   = 0.1 // the first rate of a ramp
)

// Schedule says when each of n records is due. It is a pure function: the sending is
// elsewhere.
type Schedule struct {
	Shape string
	Rate  float64 // records per second, above 0
	N     int
}

// String describes the schedule, for people.
func (s Schedule) String() string {
	switch s.Shape {
	case Peak:
		return fmt.Sprintf("%g records/s, %g in the middle third of %s", s.Rate, PeakFactor*s.Rate, s.Length())
	case Ramp:
		return fmt.Sprintf("%g to %g records/s within %s", rampFrom*s.Rate, s.Rate, s.Length())
	}
	return fmt.Sprintf("%g records/s for %s", s.Rate, s.Length())
}

// Seconds is the planned length. With rate r and length T:
//
//	steady  n = r·T
//	peak    n = r·T/3 + 3r·T/3 + r·T/3 = 5/3·r·T
//	ramp    n = (0.1 + 1)/2·r·T
func (s Schedule) Seconds() float64 {
	steady := float64(s.N) / s.Rate
	switch s.Shape {
	case Peak:
		return steady * 3 / (2 + PeakFactor)
	case Ramp:
		return steady * 2 / (1 + rampFrom)
	}
	return steady
}

// Length is the planned length of the whole schedule.
func (s Schedule) Length() time.Duration { return inSeconds(s.Seconds()).Round(time.Millisecond) }

// Due returns the time from the start to the i-th record, counted from 0.
func (s Schedule) Due(i int) time.Duration {
	k := float64(i)
	switch s.Shape {
	case Peak:
		return inSeconds(s.peak(k))
	case Ramp:
		return inSeconds(s.ramp(k))
	}
	return inSeconds(k / s.Rate)
}

// peak is when k records are due: the three parts have n/5, 3n/5 and n/5 records.
func (s Schedule) peak(k float64) float64 {
	third := s.Seconds() / 3
	part := third * s.Rate // records in the first part, and in the last
	switch {
	case k < part:
		return k / s.Rate
	case k < part*(1+PeakFactor):
		return third + (k-part)/(PeakFactor*s.Rate)
	}
	return 2*third + (k-part*(1+PeakFactor))/s.Rate
}

// ramp is when k records are due: the solution of k = r·(a·t + (1-a)·t²/2T) for t, with a
// the first share of the rate.
func (s Schedule) ramp(k float64) float64 {
	length := s.Seconds()
	growth := (1 - rampFrom) / length
	return (-rampFrom + math.Sqrt(rampFrom*rampFrom+2*growth*k/s.Rate)) / growth
}

func inSeconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
