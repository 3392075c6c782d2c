package synthetic

import (
	"fmt"
	"time"
)

// pacer computes when records are due. It does not wait.
//
// A round of n records starts every period(n), and its i-th record is due i gaps after
// the start. period(n) is never below n gaps, so no period of time t ever holds more
// than rate·t + 1 records, within a round or across two.
type pacer struct {
	interval time.Duration // desired, between the starts of two rounds
	rate     float64       // maximum records per second; above 0
}

// String describes the pace, for logs.
func (p pacer) String() string {
	return fmt.Sprintf("a round every %s, at most %g records/s", p.interval, p.rate)
}

// gap is the time between two records of a round.
func (p pacer) gap() time.Duration {
	return time.Duration(float64(time.Second) / p.rate)
}

// period is the time between the starts of two rounds of n records: the interval, or
// longer if the rate requires it.
func (p pacer) period(n int) time.Duration {
	return max(p.interval, time.Duration(n)*p.gap())
}

// due returns the time from the start of its round to the i-th record.
func (p pacer) due(i int) time.Duration { return time.Duration(i) * p.gap() }

// dueBy returns the number of a round's n records that are due at elapsed since its
// start.
func (p pacer) dueBy(elapsed time.Duration, n int) int {
	if elapsed < 0 {
		return 0
	}
	return int(min(int64(n), int64(elapsed/p.gap())+1))
}

// next returns when the round after the one at last is due, a period later, and the number
// of missed rounds. Rounds are missed if the process stood still or was busy with another round.
// They are skipped and never sent later in a burst.
func (p pacer) next(last, now, period time.Duration) (due time.Duration, missed int) {
	due = last + period
	if behind := now - due; behind >= period {
		missed = int(behind / period)
		due += time.Duration(missed) * period
	}
	return due, missed
}
