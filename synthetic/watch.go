package synthetic

import (
	"log/slog"
	"sync"

	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// Watch connects one sink with the accounts. The sink gets from it the records to
// search for, and reports the findings to it. It is safe for concurrent use.
type Watch struct {
	sink, target string
	recorder     *account.Recorder
	health       *health
	clock        clock.Clock
	log          *slog.Logger

	mu sync.Mutex // protects the following fields
	// checked is set if the sink was checked and nothing contradicts the result since.
	checked bool
	// failure is the last report of the sink; nil if it works.
	failure error
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
func (w *Watch) Now() clock.Moment { return w.clock() }

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
func (w *Watch) Saw(sightings []account.Sighting) {
	if len(sightings) == 0 {
		return
	}
	now := w.clock()
	w.recorder.Update(func(t *account.Tracker) {
		for _, s := range sightings {
			t.Saw(w.sink, s)
			t.Shown(s.Seed, now)
		}
	})
}

// Passed records that the sink received n records without a seed. They show that the job
// writes there.
func (w *Watch) Passed(n int) {
	w.recorder.Note(func(t *account.Tracker) { t.Passed(w.sink, n) })
}

// Wanted reports whether some record may still appear at the sink for the
// first time.
func (w *Watch) Wanted() bool { return w.recorder.Wanted(w.sink) }

// From returns the lowest offset of each partition at which an awaited record may be
// found; nil if no record is awaited.
func (w *Watch) From() map[int32]int64 { return w.recorder.From(w.sink) }

// Awaited returns the records that are pending at the sink, and those that are still
// remembered, because they may appear late or twice.
func (w *Watch) Awaited() (pending, others []account.Awaited) { return w.recorder.Awaited(w.sink) }

// Settled returns the seeds that have a final and stored outcome at the sink. An
// unknown seed became final long ago.
func (w *Watch) Settled(seeds []string) map[string]bool { return w.recorder.Settled(w.sink, seeds) }

// LookingSince is when the process began to look, or began again after it stood still.
// A record that a sink finds right after it may have been there before.
func (w *Watch) LookingSince() clock.Moment { return w.recorder.LookingSince() }
