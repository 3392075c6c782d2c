// Package loop turns alerts into episodes. It is the spine of the sidecar:
//
//	alert ─► opened ─► profiling ─► measuring ─► advising ─► announcing ─► done
//	                         └──────────────┴─► failed
//
// An episode skips what its [Plan] has no part for: a probe round only measures.
// Every arrow is a write to the [Journal], made before the work of the next
// state begins. That one rule gives the promises on which the rest is built:
// what was announced is in history, what was begun is known after a crash, and
// an unfinished episode goes on with the step it was in.
//
// There are two ways in. [Loop.Turn] runs an episode in its caller's goroutine,
// who waits for it. [Loop.Submit] is for alerts, which nobody waits for and
// which may come in storms: it decides at once whether an episode is opened
// (admission.go), and what it accepted is in the journal before it returns. A
// few workers do these episodes in the order in which they came. Telling others
// is apart from both (telling.go): a Grafana that is down for an hour holds up
// what it is told, in order, and nothing else.
//
// A step that fails does not end an episode that has an advisor: what is
// missing becomes a note, and the advice is made of the rest. Without one, the
// step was all that the episode was for, and it fails.
//
// The loop does no I/O of its own. It declares the small interfaces that it
// drives; cmd/sidecar hands in what implements them.
//
// A standing measurement, taken every minute whether or not anything happened,
// is not an episode: [Windows] records those.
package loop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// ErrInterrupted is the cause of failure of an episode whose steps can't be
// repeated after the sidecar was stopped in the middle of it.
var ErrInterrupted = errors.New("the sidecar stopped while this was under way (run it again)")

// Journal remembers episodes. PutEpisode is idempotent and durable when it
// returns: it refuses to move an episode backward.
type Journal interface {
	PutEpisode(episode.Episode) error
	// Unfinished returns the episodes whose state is not final, oldest first.
	Unfinished() ([]episode.Episode, error)
	// Episodes returns the newest episodes, newest first; an empty job stands for
	// all, and before is the id of the one to begin behind.
	Episodes(of episode.JobRef, before string, limit int) ([]episode.Episode, error)
}

// Loop runs episodes. It is safe for concurrent use.
type Loop struct {
	// Now is time.Now unless a test sets it.
	Now func() time.Time
	// Pause waits, for d or until ctx ends, unless a test sets it.
	Pause func(ctx context.Context, d time.Duration) error

	cfg     Config
	journal Journal
	// planFor says what to do in an episode that Submit opened or that an earlier
	// process left; false where it can't be repeated.
	planFor  func(episode.Alert) (Plan, bool)
	notifier Notifier
	log      *slog.Logger
	metrics  *metrics

	admission admission
	watch     watch
	waiting   queue // for a worker
	notifying queue // for the announcer
}

// Options are what a Loop is made of.
type Options struct {
	Config  Config
	Journal Journal
	// PlanFor says what to do in an episode that nobody waits for. It returns false
	// for an alert whose episode can't be repeated after a restart.
	PlanFor func(episode.Alert) (Plan, bool)
	// Notifier is nil when there is nobody to tell.
	Notifier Notifier
	Log      *slog.Logger
}

// New returns a Loop. It does nothing until it is asked or run.
func New(o Options) *Loop {
	l := &Loop{
		Now: time.Now, Pause: wait.For, cfg: o.Config, journal: o.Journal, planFor: o.PlanFor, notifier: o.Notifier,
		log: o.Log.With("component", "loop"), waiting: newQueue(), notifying: newQueue(),
	}
	l.admission, l.watch = newAdmission(o.Config), newWatch()
	l.metrics = newMetrics()
	return l
}

// Run takes up what an earlier process left, then works off what is submitted,
// until ctx ends. It returns an error only if the journal can't be read.
func (l *Loop) Run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	if err := l.resume(ctx, &work); err != nil {
		return err
	}
	for range l.cfg.Workers {
		work.Go(func() { l.work(ctx) })
	}
	work.Go(func() { l.tell(ctx) })
	<-ctx.Done()
	return nil
}

func (l *Loop) work(ctx context.Context) {
	for {
		ep, ok := l.waiting.next(ctx)
		if !ok {
			return
		}
		l.workOff(ctx, ep)
		l.waiting.done()
	}
}

// workOff runs an episode. A journal that can't be written holds it up, and does
// not lose it: what was accepted is done when the disk has room again. What the journal
// will never accept is abandoned.
func (l *Loop) workOff(ctx context.Context, ep episode.Episode) {
	plan, _ := l.planFor(ep.Alert)
	l.watch.begun(ep, l.Now())
	defer func() { l.watch.ended(ep) }()
	for wait := firstPause; ; wait = min(2*wait, longestPause) {
		var err error
		ep, err = l.run(ctx, ep, plan)
		switch {
		case err == nil || ctx.Err() != nil:
			return
		case lasting(err):
			l.abandon(ep, err)
			return
		}
		l.log.Warn("Episode failed", "episode", ep.ID, "state", ep.State, "err", err)
		if ep.State.Final() {
			return
		}
		l.watch.failed(ep, l.Now(), err)
		_ = l.Pause(ctx, wait) // whether it ended early shows in the context
	}
}

// Turn opens an episode for alert, takes it through its steps and returns it as
// it was stored last. The error is non-nil when the episode failed or the
// journal could not be written; the episode says the same in its Error.
func (l *Loop) Turn(ctx context.Context, alert episode.Alert, plan Plan) (episode.Episode, error) {
	ep := l.newEpisode(alert)
	if err := l.begin(ep); err != nil {
		return ep, err
	}
	return l.run(ctx, ep, plan)
}

func (l *Loop) newEpisode(alert episode.Alert) episode.Episode {
	now := l.Now()
	if alert.StartsAt.IsZero() {
		alert.StartsAt = now
	}
	return episode.Episode{ID: ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String(), Alert: alert, State: episode.Opened, Opened: now}
}

// begin records that an episode is opened.
func (l *Loop) begin(ep episode.Episode) error {
	if err := l.journal.PutEpisode(ep); err != nil {
		return fmt.Errorf("opening episode %s: %w", ep.ID, err)
	}
	l.log.Info("Episode opened", "episode", ep.ID, "rule", ep.Alert.Rule, "raised_by", ep.Alert.Source, "job", ep.Alert.Job)
	return nil
}

// resume goes on with the episodes that an earlier process left unfinished:
// those that were submitted in their order, the others each on its own.
func (l *Loop) resume(ctx context.Context, work *sync.WaitGroup) error {
	recent, err := l.journal.Episodes(episode.JobRef{}, "", remembered)
	if err != nil {
		return fmt.Errorf("reading recent episodes: %w", err)
	}
	left, err := l.journal.Unfinished()
	if err != nil {
		return fmt.Errorf("reading unfinished episodes: %w", err)
	}
	if l.cfg.LeaveOld {
		left = nil
	}
	l.admission.restore(recent, left)
	for _, ep := range left {
		plan, repeatable := l.planFor(ep.Alert)
		l.log.Info("Episode resumed", "episode", ep.ID, "state", ep.State, "repeatable", repeatable)
		switch {
		case ep.State == episode.Announcing:
			l.notifying.add(ep)
		case !repeatable:
			_, err := l.finish(ep, ErrInterrupted)
			switch {
			case lasting(err):
				l.abandon(ep, err)
			case err != nil && !errors.Is(err, ErrInterrupted):
				return err
			}
		case plan.Advisor != nil:
			l.waiting.add(ep)
		default:
			work.Go(func() {
				if ended, err := l.run(ctx, ep, plan); lasting(err) {
					l.abandon(ended, err)
				} // otherwise what came of it is in the journal and the log
			})
		}
	}
	return nil
}
