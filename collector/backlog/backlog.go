// Package backlog follows what waits outside a job's sources.
package backlog

import (
	"math"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Records are records that wait outside a source: All of them, and Most for one subtask or
// in one partition.
type Records struct{ All, Most float64 }

// minute is the time that Flink's shares of time cover.
const minute = time.Minute

// Tracker follows the backlog of one source from poll to poll.
type Tracker struct {
	samples []Sample
	// exact says of which kind the samples are.
	exact bool
	// backpressured is the share of time at the last poll.
	backpressured float64
}

// Sample is the backlog at a poll.
type Sample struct {
	At      time.Time
	Waiting Records
	// Exact says that the brokers tell the backlog and not the source; the two are not compared.
	Exact bool
	// Clock is for how many seconds the source had run when it told what it has read, and Reading how many
	// records it reads in a second. The brokers tell the present, and Flink what it fetched some
	// seconds ago: by these two a change of that age is no growth. Clock is nil if it is unknown.
	Clock   *float64
	Reading Records
}

// later is by how many seconds the age of what was read grew since an earlier sample; 0 if unknown.
func (s Sample) later(first Sample) float64 {
	if !s.Exact || s.Clock == nil || first.Clock == nil {
		return 0
	}
	passed := s.At.Sub(first.At).Seconds()
	later := passed - (*s.Clock - *first.Clock)
	if math.Abs(later) > passed/2 {
		return 0 // other tasks, or a clock that stands
	}
	return later
}

// Forget drops what is known: the backlog is unknown now.
func (b *Tracker) Forget() { b.samples = nil }

// Follow takes the backlog of a poll and returns its growth per second over the last
// minute; nil if it has not been known for that long.
func (b *Tracker) Follow(now Sample) (growth *Records) {
	if now.Exact != b.exact {
		b.Forget()
		b.exact = now.Exact
	}
	b.samples = append(b.samples, now)
	for len(b.samples) > 2 && now.At.Sub(b.samples[1].At) >= minute {
		b.samples = b.samples[1:]
	}
	first := b.samples[0]
	passed := now.At.Sub(first.At)
	if passed < minute*3/4 || passed > 2*minute {
		return nil
	}
	later := now.later(first)
	return &Records{
		All:  (now.Waiting.All - first.Waiting.All - later*now.Reading.All) / passed.Seconds(),
		Most: (now.Waiting.Most - first.Waiting.Most - later*now.Reading.Most) / passed.Seconds(),
	}
}

// Shares of time of a source that show that it does not read.
const (
	fullyBackpressured  = 0.999
	mostlyBackpressured = 0.95
	// blocking is by how much the share grows from poll to poll while nothing is read.
	blocking = 0.02
)

// Blocked reports whether the source does not read because it finds no space downstream.
// Then it does not look at what waits outside either, so what it says of that is old.
// nothing is true if it has read no record since the last poll.
func (b *Tracker) Blocked(share *snapshot.Share, nothing bool) bool {
	if share == nil {
		return false
	}
	before := b.backpressured
	b.backpressured = share.Mean
	return share.Max >= fullyBackpressured ||
		nothing && (share.Mean >= mostlyBackpressured || share.Mean >= before+blocking)
}
