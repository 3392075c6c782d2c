package account

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// Tracker computes the outcome of each record that is under way or was recently. It is
// a state machine: its methods are the events, and changes returns the changed records.
// It has no clock, does no I/O and is not safe for concurrent use; a [Recorder] makes and
// guards it. An event of a record that is not remembered changes nothing.
//
//	                      ┌──────────────────────── not_sent
//	intended ── pending ──┼─ produce refused ────── produce_failed
//	                      ├─ seen ─────────┬─────── on_time
//	                      │                └─────── late
//	                      └─ cut-off, looked for ┬─ lost            (known to be in the source topic)
//	                                             └─ produce_failed  (not known to be)
//
// Each sink has a separate state, except that not_sent and produce_failed apply to
// every sink that has not seen the record.
type Tracker struct {
	entries map[string]*entry // by seed
	// kept are the forgotten records of the rounds on demand whose result is not taken
	// yet, by round. A round without forgotten records has an empty list.
	kept map[string][]*entry
	// lookingSince is when this process began to look, or began again after it stood
	// still. A record is lost only after the process has looked for it during one
	// service level.
	lookingSince clock.Moment
	// arrivals follows whether records arrive at all.
	arrivals Arrivals
	// lanes follow the order of the records.
	lanes lanes
	// look is the latest one at what the job has read; nil while that is not known.
	look *Look
	// resolution is the most by which the next bound of a record may be above the time that it
	// bounds; 0 while that is not known.
	resolution time.Duration
}

// entry is one record with the data that only this process has.
type entry struct {
	record episode.ProbeRecord
	// intended and sent are the record's times on this process's clock. sent
	// equals intended until the record is handed to Kafka.
	intended, sent clock.Moment
	// restored is set for a record of an earlier process. Its times are derived from
	// the wall clock and may be wrong.
	restored bool
	// final is when the outcome at the last sink became final; nil while one is
	// pending.
	final *clock.Moment
	// offset is the record's offset in its partition of the source topic, or noOffset.
	offset int64
	// read is set when the job is known to have read the record.
	read bool
	// places are the places where the record was seen. The same place twice is one
	// sighting.
	places map[string]bool
	// sequence is the place of the record among all, in the order of sending.
	sequence int
	// unplaced is the number of sightings per sink that an earlier process counted and
	// this one has not found again. Their places are not in the history, so a sighting
	// that was there before this process looked counts as one of them.
	unplaced map[string]int

	dirty bool
	// stored is the state in the history, nil if there is none.
	stored *episode.ProbeRecord
	// samples wait for the history; measured are stored.
	samples, measured []Sample
}

func newTracker(now clock.Moment) *Tracker {
	return &Tracker{entries: map[string]*entry{}, kept: map[string][]*entry{}, lookingSince: now, lanes: newLanes()}
}

// Intend adds a record that is about to be sent, or one whose outcomes are already
// not_sent. due is when it is to be sent.
func (t *Tracker) Intend(r episode.ProbeRecord, due clock.Moment) {
	e := &entry{record: r, intended: due, sent: due, places: map[string]bool{}, dirty: true, offset: noOffset}
	t.lanes.join(e)
	t.entries[r.Seed] = e
	e.settle(due)
}

// GiveUp marks a record as not_sent that could not be written to the history before
// sending.
func (t *Tracker) GiveUp(seed, reason string, now clock.Moment) {
	if e := t.entries[seed]; e != nil {
		e.record.Error = reason
		e.endPending(episode.NotSent, now)
	}
}

// Handed records that the record goes to Kafka now. Latencies start here.
func (t *Tracker) Handed(seed string, now clock.Moment) {
	if e := t.entries[seed]; e != nil {
		e.sent = now
	}
}

// Acknowledged records that the brokers have stored the record, at an offset of its partition, or
// below 0 if it is not known. An acknowledgement after the record was given up changes nothing.
func (t *Tracker) Acknowledged(seed string, offset int64, now clock.Moment) {
	e := t.entries[seed]
	if e == nil || e.record.Acknowledged != nil || e.has(episode.ProduceFailed) {
		return
	}
	latency := max(0, now.Since(e.sent))
	e.record.Acknowledged = &latency
	e.add(Sample{Hop: episode.HopAcknowledged, Latency: latency})
	t.located(e, offset, now)
	if !e.arrivedAtSink() {
		t.arrivals.sent(e.sent)
	}
}

// ProduceFailed records that Kafka refused the record or did not answer in time. If
// some sink has seen the record, it did reach the topic, so its other sinks still wait
// for it.
func (t *Tracker) ProduceFailed(seed, reason string, now clock.Moment) {
	e := t.entries[seed]
	if e == nil {
		return
	}
	e.record.Error, e.dirty = reason, true
	if !e.arrived() {
		e.endPending(episode.ProduceFailed, now)
	}
}

// Saw records that a sink has a record. An unknown seed belongs to another sidecar or
// was forgotten.
func (t *Tracker) Saw(sink string, s Sighting) {
	e := t.entries[s.Seed]
	if e == nil {
		return
	}
	at := e.at(sink)
	place := sink + "\x1f" + s.Place
	if at == nil || at.Outcome == episode.NotSent || e.places[place] {
		return
	}
	e.places[place] = true
	order := t.lanes.passed(sink, s.Lane, e)
	switch {
	case !seen(at):
		at.Order = order
		t.firstSight(e, at, s)
	case s.Bound && e.unplaced[sink] > 0:
		e.unplaced[sink]--
	default:
		at.Duplicates++
		e.dirty = true
	}
}

// firstSight decides the outcome of a record that was pending at the sink, or notes
// that it arrived after its outcome was final.
func (t *Tracker) firstSight(e *entry, at *episode.AtSink, s Sighting) {
	t.arrivals.seen()
	if at.Outcome == episode.Pending && t.overdue(e, s.At) {
		at.Outcome = e.overdueOutcome()
	}
	latency, ok := e.latencyAt(s.At)
	switch {
	case at.Outcome != episode.Pending:
		at.SeenAfter = true
	case ok && s.At.Since(e.intended) <= e.record.OnTimeWithin:
		at.Outcome = episode.OnTime
	default:
		at.Outcome = episode.Late
	}
	own := Sample{Hop: s.Hop, Latency: latency, Quality: Measured}
	switch {
	case s.Bound:
		own.Quality = Unmeasured
	case !ok:
		own.Quality = Rejected
	}
	if ok {
		at.Latency = &latency
	}
	e.add(own)
	e.addStamps(s, latency)
	e.settle(s.At)
}

// Blinded records that the process did not look for some time until now.
func (t *Tracker) Blinded(now clock.Moment) { t.lookingSince = now }

// expire decides overdue records and forgets records that have been final for one
// cut-off.
func (t *Tracker) expire(now clock.Moment) {
	for seed, e := range t.entries {
		for i := range e.record.Sinks {
			at := &e.record.Sinks[i]
			if at.Outcome == episode.Pending && t.overdue(e, now) {
				at.Outcome, e.dirty = e.overdueOutcome(), true
				e.settle(now)
			}
		}
		if e.final != nil && !e.dirty && now.Since(*e.final) >= e.record.Cutoff {
			t.forget(seed, e)
		}
	}
}

// overdue reports whether a pending record has passed its cut-off and this process had
// enough time to see it. The second condition protects the records of an earlier
// process, also from a step of the wall clock.
func (t *Tracker) overdue(e *entry, now clock.Moment) bool {
	return now.Since(e.intended) >= e.record.Cutoff && now.Since(t.lookingSince) >= e.record.OnTimeWithin
}
