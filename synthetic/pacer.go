package synthetic

import (
	"fmt"
	"time"
)

// pacer says when records are due. It only computes; others wait.
//
// A round of n records starts every period(n) and its i-th record is due i gaps
// after the start. Because period(n) is never below n gaps, no stretch of time
// t ever holds more than rate·t + 1 records, within a round or across two.
type pacer struct {
	interval time.Duration // wanted between the starts of two rounds
	rate     float64       // records per second that are never exceeded; above 0
}

// String describes the pace, for logs.
func (p pacer) String() string {
	return fmt.Sprintf("a round every %s, at most %g records/s", p.interval, p.rate)
}

// gap is the time between two records of a round.
func (p pacer) gap() time.Duration {
	return time.Duration(float64(time.Second) / p.rate)
}

// period is the time between the starts of two rounds of n records: the
// interval, stretched where the rate would be exceeded.
func (p pacer) period(n int) time.Duration {
	return max(p.interval, time.Duration(n)*p.gap())
}

// due is how long after the start of its round the i-th record is due.
func (p pacer) due(i int) time.Duration { return time.Duration(i) * p.gap() }

// dueBy returns how many of a round's n records are due once elapsed has gone
// by since its start.
func (p pacer) dueBy(elapsed time.Duration, n int) int {
	if elapsed < 0 {
		return 0
	}
	return int(min(int64(n), int64(elapsed/p.gap())+1))
}

// next returns when the round after the one that started at last is due, and
// how many rounds were missed because the process stood still or was busy with
// another round: they are skipped, never made up for in a burst.
func (p pacer) next(last, now time.Duration, n int) (due time.Duration, missed int) {
	period := p.period(n)
	due = last + period
	if behind := now - due; behind >= period {
		missed = int(behind / period)
		due += time.Duration(missed) * period
	}
	return due, missed
}
