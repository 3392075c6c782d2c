package account

import (
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// restore loads the records of an earlier process.
func (t *Tracker) restore(records []episode.ProbeRecord, now clock.Moment) {
	t.Blinded(now)
	slices.SortFunc(records, bySending)
	for _, r := range records {
		stored := cloneRecord(&r)
		// A step of the wall clock may put a record into the future, which is
		// impossible.
		age := max(0, now.Wall.Sub(r.Intended))
		intended := clock.Moment{Wall: r.Intended, Mono: now.Mono - age}
		e := &entry{
			record: r, intended: intended, sent: intended, restored: true, places: map[string]bool{}, stored: &stored,
			unplaced: sightingsOf(&stored),
			offset:   noOffset,
		}
		e.settle(now)
		t.lanes.join(e)
		t.entries[r.Seed] = e
	}
	t.arrivals.restore(t.entries)
}

// sightingsOf returns how often a stored record was seen at each sink.
func sightingsOf(r *episode.ProbeRecord) map[string]int {
	sightings := map[string]int{}
	for i := range r.Sinks {
		if at := &r.Sinks[i]; seen(at) {
			sightings[at.Sink] = 1 + at.Duplicates
		}
	}
	return sightings
}

// changes returns copies of the records with changes that the history has not stored,
// oldest seed first.
func (t *Tracker) changes() []change {
	var out []change
	for _, e := range t.entries {
		if e.dirty {
			out = append(out, change{record: cloneRecord(&e.record), samples: len(e.samples)})
		}
	}
	slices.SortFunc(out, func(a, b change) int { return strings.Compare(a.record.Seed, b.record.Seed) })
	return out
}

// change is a record to store, with the number of its samples at the time of the copy.
type change struct {
	record  episode.ProbeRecord
	samples int
}

// committed records that the history has stored a change. It returns the steps for the
// accounts and the samples that may now be exported.
func (t *Tracker) committed(c change) ([]Step, []Sample) {
	e := t.entries[c.record.Seed]
	steps := stepsBetween(e.stored, &c.record)
	samples := e.samples[:c.samples:c.samples]
	e.samples = slices.Clone(e.samples[c.samples:])
	e.measured = append(e.measured, samples...)
	e.stored = &c.record
	e.dirty = len(e.samples) > 0 || !sameState(&e.record, &c.record)
	return steps, samples
}

// wants reports whether some record may still appear at a sink for the first time.
func (t *Tracker) wants(sink string) bool {
	for _, e := range t.entries {
		if e.awaited(sink) {
			return true
		}
	}
	return false
}

// from returns, for a Kafka sink, the lowest offset of each partition at which an
// awaited record may be found; nil if no record is awaited.
func (t *Tracker) from(sink string) map[int32]int64 {
	var lowest map[int32]int64
	for _, e := range t.entries {
		if !e.awaited(sink) {
			continue
		}
		if lowest == nil {
			lowest = map[int32]int64{}
		}
		for partition, offset := range e.at(sink).From {
			if low, ok := lowest[partition]; !ok || offset < low {
				lowest[partition] = offset
			}
		}
	}
	return lowest
}

// settled reports whether the history has the record's final outcome at a sink. An
// unknown record became final long ago.
func (t *Tracker) settled(seed, sink string) bool {
	e := t.entries[seed]
	if e == nil {
		return true
	}
	if e.stored == nil {
		return false
	}
	for _, at := range e.stored.Sinks {
		if at.Sink == sink {
			return at.Outcome != episode.Pending
		}
	}
	return false
}
