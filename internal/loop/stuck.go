package loop

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// When an episode counts as stuck: if its state cannot be recorded for unrecorded, or if
// a worker is in one step for idle, which is longer than any step takes.
const (
	stuckUnrecorded = time.Minute
	stuckIdle       = time.Hour
)

// Stuck is an episode that does not go on although it is its turn.
type Stuck struct {
	Episode string
	State   episode.State
	// Since is when it went on last.
	Since time.Time
	// Reason is the error of the last attempt; empty if the step does not end.
	Reason string
}

// watch knows what is under way and since when it has not moved.
type watch struct {
	mu    sync.Mutex
	under map[string]*progress
}

type progress struct {
	state   episode.State
	moved   time.Time // the last record that succeeded
	failing time.Time // the first record that failed since then; zero if none has
	why     string
}

func newWatch() watch { return watch{under: map[string]*progress{}} }

// begun notes that a worker takes ep up.
func (w *watch) begun(ep episode.Episode, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.under[ep.ID] = &progress{state: ep.State, moved: now}
}

// moved notes that a new state of ep is recorded. One that waits for its announcement
// may wait for days.
func (w *watch) moved(ep episode.Episode, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.under[ep.ID] == nil {
		return
	}
	if ep.State == episode.Announcing || ep.State.Final() {
		delete(w.under, ep.ID)
		return
	}
	w.under[ep.ID] = &progress{state: ep.State, moved: now}
}

// failed notes that a state of ep could not be recorded.
func (w *watch) failed(ep episode.Episode, now time.Time, why error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.under[ep.ID]
	if p == nil {
		p = &progress{state: ep.State, moved: now}
		w.under[ep.ID] = p
	}
	if p.failing.IsZero() {
		p.failing = now
	}
	p.why = why.Error()
}

// ended notes that nothing works on ep any more.
func (w *watch) ended(ep episode.Episode) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.under, ep.ID)
}

func (w *watch) stuck(now time.Time) []Stuck {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Stuck
	for id, p := range w.under {
		unrecorded := !p.failing.IsZero() && now.Sub(p.failing) >= stuckUnrecorded
		if unrecorded || now.Sub(p.moved) >= stuckIdle {
			out = append(out, Stuck{Episode: id, State: p.state, Since: p.moved, Reason: p.why})
		}
	}
	slices.SortFunc(out, func(a, b Stuck) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Episode, b.Episode))
	})
	return out
}

// Stuck lists the episodes that do not go on, the longest first. A Grafana that does not
// answer holds up announcements, and is not among the reasons.
func (l *Loop) Stuck() []Stuck { return l.watch.stuck(l.Now()) }

// lasting reports whether an error of the history stays the same at every attempt.
func lasting(err error) bool { return contradicted(err) || unwritable(err) }

// contradicted: what is stored contradicts the episode.
func contradicted(err error) bool {
	var conflict interface{ Conflict() bool }
	return errors.As(err, &conflict) && conflict.Conflict()
}

// unwritable: the episode is larger than history allows, or holds a value that JSON does
// not have, such as NaN.
func unwritable(err error) bool {
	var invalid interface{ Invalid() bool }
	if errors.As(err, &invalid) && invalid.Invalid() {
		return true
	}
	_, value := errors.AsType[*json.UnsupportedValueError](err)
	_, marshaler := errors.AsType[*json.MarshalerError](err)
	return value || marshaler
}

// abandon gives an episode up that can never be recorded. What is stored of it stays, or,
// if it cannot be written, is recorded as failed without its results.
func (l *Loop) abandon(ep episode.Episode, why error) {
	l.admission.close(ep)
	l.watch.ended(ep)
	l.begun.Delete(ep.ID)
	l.metrics.abandoned.Inc()
	l.about(ep).Error("Episode abandoned: history can never take it", "state", ep.State, "err", why)
	if contradicted(why) {
		return
	}
	bare := episode.Episode{ID: ep.ID, Alert: ep.Alert, Opened: ep.Opened, Target: ep.Target}
	cause := fmt.Errorf("its results cannot be stored: %w (report this with the log)", why)
	if _, err := l.finish(bare, cause); err != nil && !errors.Is(err, why) {
		l.about(ep).Error("Abandoned episode not recorded as failed", "err", err)
	}
}
