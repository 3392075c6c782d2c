package account

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// stampTolerance is the maximum difference between the clocks of the job's machines and
// ours. A stamp with a larger difference is rejected.
const stampTolerance = time.Second

// at returns the record's state at a sink, nil if the record is not watched there.
func (e *entry) at(sink string) *episode.AtSink {
	for i := range e.record.Sinks {
		if e.record.Sinks[i].Sink == sink {
			return &e.record.Sinks[i]
		}
	}
	return nil
}

// seen reports whether the record was seen at a sink, on time or late.
func seen(at *episode.AtSink) bool {
	return at.Outcome == episode.OnTime || at.Outcome == episode.Late || at.SeenAfter
}

// has reports whether the record has an outcome at some sink.
func (e *entry) has(outcome episode.RecordOutcome) bool {
	for _, at := range e.record.Sinks {
		if at.Outcome == outcome {
			return true
		}
	}
	return false
}

// arrived reports whether the record is certainly in the source topic.
func (e *entry) arrived() bool {
	return e.record.Acknowledged != nil || e.arrivedAtSink()
}

// arrivedAtSink reports whether some sink has seen the record.
func (e *entry) arrivedAtSink() bool {
	for i := range e.record.Sinks {
		if seen(&e.record.Sinks[i]) {
			return true
		}
	}
	return false
}

// overdueOutcome returns the outcome of a record that was not seen by its cut-off.
func (e *entry) overdueOutcome() episode.RecordOutcome {
	if e.arrived() {
		return episode.Lost
	}
	return episode.ProduceFailed
}

// endPending gives every pending sink the same final outcome.
func (e *entry) endPending(outcome episode.RecordOutcome, now clock.Moment) {
	for i := range e.record.Sinks {
		if e.record.Sinks[i].Outcome == episode.Pending {
			e.record.Sinks[i].Outcome = outcome
		}
	}
	e.dirty = true
	e.settle(now)
}

// settle records the moment from which no outcome is pending.
func (e *entry) settle(now clock.Moment) {
	if e.final == nil && !e.record.Open() {
		e.final = &now
	}
}

// unfinished reports whether the history does not have the record's final state yet.
func (e *entry) unfinished() bool { return e.stored == nil || e.stored.Open() || e.dirty }

// latencyAt returns the time from send to now. It is unknown for a record of an earlier
// process if the wall clocks contradict each other: the difference is negative, or
// longer than a record is watched.
func (e *entry) latencyAt(now clock.Moment) (time.Duration, bool) {
	latency := now.Since(e.sent)
	if !e.restored {
		return max(0, latency), true
	}
	if now.Wall.Before(e.record.Intended) || latency > 2*e.record.Cutoff {
		return 0, false
	}
	return latency, true
}

// addStamps turns the stamps of a sighting into samples. A possible stamp is after the
// record was sent and before it was seen.
func (e *entry) addStamps(s Sighting, latency time.Duration) {
	// Stamps have a resolution of a millisecond. The compared times are cut to it too,
	// because otherwise a quick hop would be negative.
	sent := e.sent.Wall.Truncate(time.Millisecond)
	for _, hop := range slices.Sorted(maps.Keys(s.Stamps)) {
		took := s.Stamps[hop].Sub(sent)
		q := Measured
		if took < 0 || took > latency+stampTolerance {
			q = Rejected
		}
		e.add(Sample{Hop: hop, Latency: took, Quality: q})
	}
}

// add appends a sample of this record. It is exported after the record is stored.
func (e *entry) add(s Sample) {
	s.Seed = e.record.Seed
	e.samples = append(e.samples, s)
	e.dirty = true
}

// sameState reports whether two states of one record are equal.
func sameState(a, b *episode.ProbeRecord) bool { return reflect.DeepEqual(a, b) }

// awaited reports whether the record may still appear at a sink for the first time: it
// is pending there, or its outcome is final and it may still arrive.
func (e *entry) awaited(sink string) bool {
	at := e.at(sink)
	return at != nil && at.Outcome != episode.NotSent && !seen(at)
}
