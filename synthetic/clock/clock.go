// Package clock reads two clocks at once: the wall clock, which may step, and one that
// never does.
package clock

import "time"

// Moment is one reading of both clocks. Moments of two processes, or of two clocks that
// [System] made, can't be compared.
type Moment struct {
	// Wall is for records, and for the comparison with stamps of other machines.
	Wall time.Time
	// Mono is the time since the clock was made; it never steps.
	Mono time.Duration
}

// Clock reads both clocks at once.
type Clock func() Moment

// System returns the clock of this process. Its wall times keep Go's monotonic reading, so
// a comparison of two of them is correct after a clock step.
func System() Clock {
	start := time.Now()
	return func() Moment {
		now := time.Now()
		return Moment{Wall: now, Mono: now.Sub(start)}
	}
}

// Since returns the time from earlier to m. It is negative if m is before earlier.
func (m Moment) Since(earlier Moment) time.Duration { return m.Mono - earlier.Mono }

// Add returns the moment that is d later on both clocks.
func (m Moment) Add(d time.Duration) Moment {
	return Moment{Wall: m.Wall.Add(d), Mono: m.Mono + d}
}

// Before reports whether m is before other.
func (m Moment) Before(other Moment) bool { return m.Mono < other.Mono }
