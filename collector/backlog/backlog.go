// Package backlog follows what waits outside a job's sources.
package backlog

import (
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
	samples []sample
	// exact says of which kind the samples are.
	exact bool
	// backpressured is the share of time at the last poll.
	backpressured float64
}

type sample struct {
	at      time.Time
	waiting Records
}

// Forget drops what is known: the backlog is unknown now.
func (b *Tracker) Forget() { b.samples = nil }

// Follow takes the backlog of a poll and returns its growth per second over the last
// minute; nil if it has not been known for that long. Exact says that the brokers tell the
// backlog and not the source; the two are not compared.
func (b *Tracker) Follow(waiting Records, exact bool, now time.Time) (growth *Records) {
	if exact != b.exact {
		b.Forget()
		b.exact = exact
	}
	b.samples = append(b.samples, sample{at: now, waiting: waiting})
	for len(b.samples) > 2 && now.Sub(b.samples[1].at) >= minute {
		b.samples = b.samples[1:]
	}
	passed := now.Sub(b.samples[0].at)
	if passed < minute*3/4 || passed > 2*minute {
		return nil
	}
	first := b.samples[0].waiting
	return &Records{
		All:  (waiting.All - first.All) / passed.Seconds(),
		Most: (waiting.Most - first.Most) / passed.Seconds(),
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
