package synthetic

import (
	"log/slog"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Watch connects one sink with the accounts. The sink gets from it the records to
// search for, and reports the findings to it. It is safe for concurrent use.
type Watch struct {
	sink, target string
	recorder     *recorder
	health       *health
	clock        clock
	log          *slog.Logger

	mu sync.Mutex // protects the following fields
	// checked is set if the sink was checked and nothing contradicts the result since.
	checked bool
	// failure is the last report of the sink; nil if it works.
	failure error
}

// Sighting reports that a sink has a record.
type Sighting struct {
	Seed string
	// Place identifies the sighting within the sink: partition and offset, or
	// index and document id. The same place twice is one sighting.
	Place string
	// Lane names the part of the sink in which sightings are reported in the order in which
	// the sink got the records: a partition, or a file. It is empty if there is no such order.
	Lane string
	At   Moment
	// Bound is set if the record may have been there before At.
	Bound bool
	// Stamps are times in the record that other systems wrote, by hop.
	Stamps map[string]time.Time
	// Hop is the name of the hop that the sighting measures.
	Hop string
}

// Awaited is a record that a sink searches for.
type Awaited struct {
	Seed string
	Sent Moment
	// Restored is set for a record that an earlier process sent.
	Restored bool
}

func (p *Prober) newWatch(spec SinkSpec) *Watch {
	return &Watch{
		sink: spec.Name, target: spec.Target, recorder: p.recorder, health: p.health, clock: p.clock,
		log: p.log.With("sink", spec.Name),
	}
}

// Sink returns the sink's name.
func (w *Watch) Sink() string { return w.sink }

// Log returns a logger that names the sink.
func (w *Watch) Log() *slog.Logger { return w.log }

// Now reads the probe's clock. Its moments can't be compared with those of other
// clocks.
func (w *Watch) Now() Moment { return w.clock() }

// Report records the result of the sink's last request. nil means success; a
// [Permanent] error means that this sink can't be watched.
func (w *Watch) Report(err error) {
	w.health.report(w.target, "sink "+w.sink, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failure = err
}

// Note records a problem that does not prevent the watching, or with nil the end of it.
func (w *Watch) Note(what string, err error) { w.health.note(w.target, what+" of "+w.sink, err) }

// Unwatchable returns why this sink can't be watched; nil if it can.
func (w *Watch) Unwatchable() error {
	if err := w.lastFailure(); IsPermanent(err) {
		return err
	}
	return nil
}

// NeedsCheck reports whether the sink must be checked before records are sent: it was
// not checked yet, it can't be watched, or it loses records that other sinks show.
func (w *Watch) NeedsCheck() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.checked || IsPermanent(w.failure)
}

// Checked records that the sink was checked and has everything it needs.
func (w *Watch) Checked() { w.setChecked(true) }

func (w *Watch) setChecked(checked bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.checked = checked
}

func (w *Watch) lastFailure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failure
}

// Saw processes sightings. It ignores unknown seeds.
func (w *Watch) Saw(sightings []Sighting) {
	if len(sightings) == 0 {
		return
	}
	now := w.clock()
	w.recorder.update(func(t *tracker) {
		for _, s := range sightings {
			t.saw(w.sink, s)
			t.shown(s.Seed, now)
		}
	})
}

// Passed records that the sink received n records without a seed. They show that the job
// writes there.
func (w *Watch) Passed(n int) {
	w.recorder.note(func(t *tracker) { t.arrivals.passed(w.sink, n) })
}

// Wanted reports whether some record may still appear at the sink for the
// first time.
func (w *Watch) Wanted() (wanted bool) {
	w.recorder.view(func(t *tracker) { wanted = t.wants(w.sink) })
	return wanted
}

// From returns the lowest offset of each partition at which an awaited record may be
// found; nil if no record is awaited.
func (w *Watch) From() (from map[int32]int64) {
	w.recorder.view(func(t *tracker) { from = t.from(w.sink) })
	return from
}

// Awaited returns the records that are pending at the sink, and those that are still
// remembered, because they may appear late or twice.
func (w *Watch) Awaited() (pending, others []Awaited) {
	w.recorder.view(func(t *tracker) {
		for seed, e := range t.entries {
			at := e.at(w.sink)
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

// Settled returns the seeds that have a final and stored outcome at the sink. An
// unknown seed became final long ago.
func (w *Watch) Settled(seeds []string) map[string]bool {
	settled := make(map[string]bool, len(seeds))
	w.recorder.view(func(t *tracker) {
		for _, seed := range seeds {
			settled[seed] = t.settled(seed, w.sink)
		}
	})
	return settled
}

// LookingSince is when the process began to look, or began again after it stood still.
// A record that a sink finds right after it may have been there before.
func (w *Watch) LookingSince() (since Moment) {
	w.recorder.view(func(t *tracker) { since = t.lookingSince })
	return since
}
