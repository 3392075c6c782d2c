package synthetic

import (
	"log/slog"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Watch connects one sink with the accounts: it says which records the sink has
// to look for, and takes what the sink found. It is safe for concurrent use.
type Watch struct {
	sink, target string
	recorder     *recorder
	health       *health
	clock        clock
	log          *slog.Logger

	mu sync.Mutex // protects what follows
	// checked is set when the sink was checked, and nothing contradicts it since.
	checked bool
	// failure is what the sink reported last; nil if it works.
	failure error
}

// Sighting is the news that a sink has a record.
type Sighting struct {
	Seed string
	// Place identifies the sighting within the sink: partition and offset, or
	// index and document id. The same place twice is one sighting.
	Place string
	At    Moment
	// Bound is set when the record may have been there before At.
	Bound bool
	// Stamps are times that others wrote into the record, by hop.
	Stamps map[string]time.Time
	// Hop is the name of the hop that the sighting itself measures.
	Hop string
}

// Awaited is a record that a sink looks for.
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

// Now reads the probe's clock. Moments of other clocks can't be compared with it.
func (w *Watch) Now() Moment { return w.clock() }

// Report notes how the sink's last request went. Nil means that it works; a
// [Permanent] error means that records can't be watched for here.
func (w *Watch) Report(err error) {
	w.health.report(w.target, "sink "+w.sink, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failure = err
}

// Note shows a problem, or its end, that does not hinder the watching.
func (w *Watch) Note(what string, err error) { w.health.note(w.target, what+" of "+w.sink, err) }

// Unwatchable returns why records can't be watched for here; nil if they can.
func (w *Watch) Unwatchable() error {
	if err := w.lastFailure(); IsPermanent(err) {
		return err
	}
	return nil
}

// NeedsCheck reports whether the sink has to be checked before records are sent:
// it was not checked yet, it can't be watched, or records are lost here that
// other sinks show.
func (w *Watch) NeedsCheck() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.checked || IsPermanent(w.failure)
}

// Checked notes that the sink was checked: what it needs is there.
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

// Saw takes sightings. Those of unknown seeds are ignored.
func (w *Watch) Saw(sightings []Sighting) {
	if len(sightings) == 0 {
		return
	}
	w.recorder.update(func(t *tracker) {
		for _, s := range sightings {
			t.saw(w.sink, s)
		}
	})
}

// Wanted reports whether some record may still appear at the sink for the
// first time.
func (w *Watch) Wanted() (wanted bool) {
	w.recorder.view(func(t *tracker) { wanted = t.wants(w.sink) })
	return wanted
}

// From returns the lowest offset of each partition at which an awaited record
// can be found; nil if none is awaited.
func (w *Watch) From() (from map[int32]int64) {
	w.recorder.view(func(t *tracker) { from = t.from(w.sink) })
	return from
}

// Awaited returns the records that are pending at the sink, and the others that
// are still remembered: they may appear late or twice.
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

// Settled returns which of the seeds have a final and stored outcome at the
// sink. A seed that is not remembered was final long ago.
func (w *Watch) Settled(seeds []string) map[string]bool {
	settled := make(map[string]bool, len(seeds))
	w.recorder.view(func(t *tracker) {
		for _, seed := range seeds {
			settled[seed] = t.settled(seed, w.sink)
		}
	})
	return settled
}

// LookingSince is when the process began to look, or began again after it stood
// still. What a sink finds right after it may have been there before.
func (w *Watch) LookingSince() (since Moment) {
	w.recorder.view(func(t *tracker) { since = t.lookingSince })
	return since
}
