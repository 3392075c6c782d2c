package synthetic

import "time"

// moment is one reading of two clocks. Durations are only ever taken between
// two mono readings of one process; wall is for records and for comparing with
// stamps that others made.
type moment struct {
	wall time.Time
	// mono is the time since the clock was made; it never steps.
	mono time.Duration
}

// clock reads both clocks at once.
type clock func() moment

// systemClock returns the clock of this process. Its wall times keep Go's
// monotonic reading, so that comparing two of them survives a clock step.
func systemClock() clock {
	start := time.Now()
	return func() moment {
		now := time.Now()
		return moment{wall: now, mono: now.Sub(start)}
	}
}

// since returns the time from earlier to m; negative if m is the earlier one.
func (m moment) since(earlier moment) time.Duration { return m.mono - earlier.mono }

// add returns the moment d later on both clocks.
func (m moment) add(d time.Duration) moment {
	return moment{wall: m.wall.Add(d), mono: m.mono + d}
}

// before reports whether m is the earlier moment.
func (m moment) before(other moment) bool { return m.mono < other.mono }
