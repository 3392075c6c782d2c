package account

import (
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// Wanted reports whether some record may still appear at a sink for the first time.
func (r *Recorder) Wanted(sink string) (wanted bool) {
	r.view(func(t *Tracker) { wanted = t.wants(sink) })
	return wanted
}

// From returns, for a sink with offsets, the lowest one of each partition at which an
// awaited record may be found; nil if no record is awaited.
func (r *Recorder) From(sink string) (from map[int32]int64) {
	r.view(func(t *Tracker) { from = t.from(sink) })
	return from
}

// Awaited returns the records that are pending at a sink, and those that are still
// remembered, because they may appear late or twice.
func (r *Recorder) Awaited(sink string) (pending, others []Awaited) {
	r.view(func(t *Tracker) {
		for seed, e := range t.entries {
			at := e.at(sink)
			if at == nil || at.Outcome == episode.NotSent {
				continue
			}
			record := Awaited{seed, e.sent, e.restored}
			if at.Outcome == episode.Pending {
				pending = append(pending, record)
			} else {
				others = append(others, record)
			}
		}
	})
	return pending, others
}

// Settled returns the seeds that have a final and stored outcome at a sink. An unknown
// seed became final long ago.
func (r *Recorder) Settled(sink string, seeds []string) map[string]bool {
	settled := make(map[string]bool, len(seeds))
	r.view(func(t *Tracker) {
		for _, seed := range seeds {
			settled[seed] = t.settled(seed, sink)
		}
	})
	return settled
}

// LookingSince is when the process began to look, or began again after it stood still.
// A record that a sink finds right after it may have been there before.
func (r *Recorder) LookingSince() (since clock.Moment) {
	r.view(func(t *Tracker) { since = t.lookingSince })
	return since
}
