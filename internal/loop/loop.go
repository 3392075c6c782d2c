// Package loop turns alerts into episodes. It is the spine of the sidecar:
//
//	alert ─► opened ─► measuring ─► done
//	                      └────────► failed
//
// Every arrow is a write to the [Journal], made before the work of the next
// state begins. That one rule gives the promises on which the rest is built:
// what was announced is in history, what was begun is known after a crash, and
// [Loop.Resume] can tell for each unfinished episode which step it was in.
//
// The loop does no I/O of its own. It declares the small interfaces that it
// drives; cmd/sidecar hands in what implements them. Profiling, advice and
// announcements will be further steps between measuring and done, each with an
// interface here and a state in internal/episode.
//
// A standing measurement, taken every minute whether or not anything happened,
// is not an episode: [Windows] records those.
package loop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// ErrInterrupted is the cause of failure of an episode whose step can't be
// repeated after the sidecar was stopped in the middle of it.
var ErrInterrupted = errors.New("the sidecar stopped while this was under way (run it again)")

// Journal remembers episodes. PutEpisode is idempotent and durable when it
// returns: it refuses to move an episode backward.
type Journal interface {
	PutEpisode(episode.Episode) error
	// Unfinished returns the episodes whose state is not final, oldest first.
	Unfinished() ([]episode.Episode, error)
}

// Measurer does the measuring step of one episode. It may take minutes and
// must give up when ctx ends.
type Measurer interface {
	Measure(ctx context.Context, alert episode.Alert) (episode.Measurement, error)
}

// MeasureFunc is a function as a Measurer.
type MeasureFunc func(ctx context.Context, alert episode.Alert) (episode.Measurement, error)

// Measure calls f.
func (f MeasureFunc) Measure(ctx context.Context, alert episode.Alert) (episode.Measurement, error) {
	return f(ctx, alert)
}

// Loop runs episodes. It is safe for concurrent use; each call of Turn runs in
// its caller's goroutine.
type Loop struct {
	Journal Journal
	Log     *slog.Logger
	// Now is time.Now unless a test sets it.
	Now func() time.Time
}

// New returns a Loop that writes to journal.
func New(journal Journal, log *slog.Logger) *Loop {
	return &Loop{Journal: journal, Log: log.With("component", "loop"), Now: time.Now}
}

// Turn opens an episode for alert, takes it through its steps and returns it as
// it was stored last. The error is non-nil when a step failed or the journal
// could not be written; the episode says the same in its Error.
func (l *Loop) Turn(ctx context.Context, alert episode.Alert, measurer Measurer) (episode.Episode, error) {
	now := l.Now()
	if alert.StartsAt.IsZero() {
		alert.StartsAt = now
	}
	ep := episode.Episode{ID: ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String(), Alert: alert, State: episode.Opened, Opened: now}
	if err := l.Journal.PutEpisode(ep); err != nil {
		return ep, fmt.Errorf("opening episode %s: %w", ep.ID, err)
	}
	l.Log.Info("Episode opened", "episode", ep.ID, "rule", alert.Rule, "raised_by", alert.Source, "job", alert.Job)
	return l.measure(ctx, ep, measurer)
}

// Resume goes on with the episodes that an earlier process left unfinished.
// measurerFor returns nil for an alert whose measuring can't be repeated; such
// an episode ends as failed with ErrInterrupted.
func (l *Loop) Resume(ctx context.Context, measurerFor func(episode.Alert) Measurer) error {
	left, err := l.Journal.Unfinished()
	if err != nil {
		return fmt.Errorf("reading unfinished episodes: %w", err)
	}
	for _, ep := range left {
		measurer := measurerFor(ep.Alert)
		if measurer == nil {
			if _, err := l.finish(ep, ErrInterrupted); err != nil && !errors.Is(err, ErrInterrupted) {
				return err
			}
			continue
		}
		l.Log.Info("Episode resumed", "episode", ep.ID, "state", ep.State)
		if _, err := l.measure(ctx, ep, measurer); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			l.Log.Warn("Resumed episode failed", "episode", ep.ID, "err", err)
		}
	}
	return nil
}

func (l *Loop) measure(ctx context.Context, ep episode.Episode, measurer Measurer) (episode.Episode, error) {
	ep.State = episode.Measuring
	if err := l.Journal.PutEpisode(ep); err != nil {
		return ep, fmt.Errorf("recording episode %s: %w", ep.ID, err)
	}
	m, err := measurer.Measure(ctx, ep.Alert)
	if err == nil {
		ep.Measurement, ep.EpochKey = &m, m.EpochKey
		return l.finish(ep, nil)
	}
	if ctx.Err() != nil {
		// The sidecar is stopping: the episode stays as it is, to be resumed.
		return ep, ctx.Err()
	}
	return l.finish(ep, err)
}

// finish records the final state and returns cause, or the error of recording.
func (l *Loop) finish(ep episode.Episode, cause error) (episode.Episode, error) {
	ep.State, ep.Finished = episode.Done, l.Now()
	if cause != nil {
		ep.State, ep.Error = episode.Failed, cause.Error()
	}
	if err := l.Journal.PutEpisode(ep); err != nil {
		return ep, fmt.Errorf("finishing episode %s: %w", ep.ID, err)
	}
	l.Log.Info("Episode finished", "episode", ep.ID, "state", ep.State, "err", cause)
	return ep, cause
}
