package synthetic

import (
	"context"
	"time"
)

// Moment is one reading of two clocks. Durations are differences of two mono readings
// of one process. wall is for records and for the comparison with stamps of other
// machines.
type Moment struct {
	wall time.Time
	// mono is the time since the clock was made; it never steps.
	mono time.Duration
}

// clock reads both clocks at once.
type clock func() Moment

// systemClock returns the clock of this process. Its wall times keep Go's monotonic
// reading, so a comparison of two of them is correct after a clock step.
func systemClock() clock {
	start := time.Now()
	return func() Moment {
		now := time.Now()
		return Moment{wall: now, mono: now.Sub(start)}
	}
}

// Since returns the time from earlier to m. It is negative if m is before earlier.
func (m Moment) Since(earlier Moment) time.Duration { return m.mono - earlier.mono }

// Add returns the moment that is d later on both clocks.
func (m Moment) Add(d time.Duration) Moment {
	return Moment{wall: m.wall.Add(d), mono: m.mono + d}
}

// Before reports whether m is before other.
func (m Moment) Before(other Moment) bool { return m.mono < other.mono }

// Sleep waits for d and reports whether ctx is still alive.
func Sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 { // a timer that is due at once can crash Go's race detector in a synctest bubble
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
