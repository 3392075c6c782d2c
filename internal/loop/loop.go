// Package loop turns alerts into episodes, and runs the steps of each episode:
//
//	alert ─► opened ─► profiling ─► measuring ─► advising ─► announcing ─► done
//	                         └──────────────┴─► failed
//
// An episode skips the steps that its [Plan] does not have: a probe round only measures.
// Every arrow is a write to the [Journal], made before the work of the next
// state begins. So an announced episode is in history, a begun step is known
// after a crash, and an unfinished episode resumes at the step it was in.
//
// An episode starts in one of two ways. [Loop.Turn] runs it in the caller's goroutine.
// [Loop.Submit] is for alerts, which have no waiting caller and may come in storms: it
// decides at once whether an episode is opened (admission.go), and an accepted alert is
// in the history before it returns. A few workers run these episodes in the order in
// which they came. Announcements are separate (notifying.go): a Grafana that is down for
// an hour delays its announcements, which stay in order, and nothing else.
//
// A failed step does not end an episode that has an advisor: a missing input is recorded
// as a note, and the advice uses the rest. Without an advisor the step was the purpose
// of the episode, and the episode fails.
//
// The loop does no I/O of its own. It declares the small interfaces that it needs;
// internal/app implements them.
//
// A standing measurement, taken every minute, is not an episode: [Windows] records those.
package loop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// ErrInterrupted is the cause of failure of an episode whose steps cannot be repeated
// after the sidecar was stopped during it.
var ErrInterrupted = errors.New("the sidecar stopped while this was in progress (run it again)")

// History stores episodes. PutEpisode is idempotent, and durable when it returns: it
// refuses to move an episode backward.
type History interface {
	PutEpisode(episode.Episode) error
	// Unfinished returns the episodes whose state is not final, oldest first.
	Unfinished() ([]episode.Episode, error)
	// Episodes returns the newest episodes, newest first; the zero JobRef stands for all,
	// and before is the id after which the list starts.
	Episodes(of episode.JobRef, before string, limit int) ([]episode.Episode, error)
}

// Loop runs episodes. It is safe for concurrent use.
type Loop struct {
	// Now is time.Now unless a test sets it.
	Now func() time.Time
	// Pause waits for d or until ctx ends, unless a test sets it.
	Pause func(ctx context.Context, d time.Duration) error

	cfg     Config
	history History
	alerts  AlertHistory // nil if nothing stores them
	// declined are the alerts that are to be stored.
	declined register
	// planFor returns the plan of an episode that Submit opened or that an earlier
	// process left; false where it cannot be repeated.
	planFor  func(episode.Alert) (Plan, bool)
	notifier Notifier
	log      *slog.Logger
	metrics  *metrics

	admission admission
	watch     watch
	waiting   queue // for a worker
	notifying queue // for the notifier
	opening   queue // for the notifier, which tells that they have begun
	// own holds the ids of episodes that this process has opened before it resumed others.
	own     sync.Map
	resumed atomic.Bool
	// begun holds the ids of those in opening that have no results yet.
	begun sync.Map
	// direct counts the episodes in progress that no worker has: those of Turn, and those
	// that an earlier process left.
	direct atomic.Int64
}

// Options are what a Loop is made of.
type Options struct {
	Config  Config
	History History
	// PlanFor returns the plan of an episode without a waiting caller. It returns false
	// for an alert whose episode cannot be repeated after a restart.
	PlanFor func(episode.Alert) (Plan, bool)
	// Alerts stores declined alerts and the ends of alerts; nil if nothing does.
	Alerts AlertHistory
	// Notifier is nil when no receiver is configured.
	Notifier Notifier
	Log      *slog.Logger
}

// New returns a Loop. It does nothing before Submit, Turn or Run.
func New(o Options) *Loop {
	l := &Loop{
		Now: time.Now, Pause: wait.For, cfg: o.Config, history: o.History, alerts: o.Alerts, planFor: o.PlanFor,
		notifier: o.Notifier,
		log:      o.Log.With("component", "loop"), waiting: newQueue(), notifying: newQueue(),
		opening: newQueue(),
	}
	l.admission, l.watch = newAdmission(o.Config, l.storeTrigger), newWatch()
	l.metrics = newMetrics()
	return l
}

// Run resumes the episodes of an earlier process, then works on submitted ones, until ctx
// ends. It returns an error only if the history cannot be read.
func (l *Loop) Run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	if err := l.resume(ctx, &work); err != nil {
		return err
	}
	for range l.cfg.Workers {
		work.Go(func() { l.work(ctx) })
	}
	work.Go(func() { l.announceWaiting(ctx) })
	work.Go(func() { l.tellBegun(ctx) })
	if l.alerts != nil {
		work.Go(func() { l.keepDeclined(ctx) })
	}
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

// workOff runs an episode. While the history cannot be written the episode waits: an
// accepted alert is not lost. An episode that the history refuses for good is abandoned.
func (l *Loop) workOff(ctx context.Context, ep episode.Episode) {
	plan, _ := l.planFor(ep.Alert)
	l.watch.begun(ep, l.Now())
	defer func() { l.watch.ended(ep) }()
	for pauses := wait.Backoff(firstPause, longestPause); ; {
		var err error
		ep, err = l.run(ctx, ep, plan)
		switch {
		case err == nil || ctx.Err() != nil:
			return
		case lasting(err):
			l.abandon(ep, err)
			return
		}
		l.about(ep).Warn("Episode failed", "state", ep.State, "err", err)
		if ep.State.Final() {
			return
		}
		l.watch.failed(ep, l.Now(), err)
		// Whether the pause ended early shows in the context.
		_ = l.Pause(ctx, pauses.NextBackOff())
	}
}

// Turn opens an episode for alert, runs its steps and returns it as last stored. The
// error is non-nil when the episode failed or the history could not be written; the
// episode has the same text in its Error.
func (l *Loop) Turn(ctx context.Context, alert episode.Alert, plan Plan) (episode.Episode, error) {
	ep := l.newEpisode(alert)
	if err := l.begin(ep); err != nil {
		return ep, err
	}
	defer l.watch.ended(ep)
	l.direct.Add(1)
	defer l.direct.Add(-1)
	l.tell(ep, plan)
	return l.run(ctx, ep, plan)
}

func (l *Loop) newEpisode(alert episode.Alert) episode.Episode {
	now := l.Now()
	if alert.StartsAt.IsZero() {
		alert.StartsAt = now
	}
	return episode.Episode{
		ID: ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String(), Alert: alert,
		State: episode.Opened, Opened: now,
	}
}

// begin records that an episode is opened.
func (l *Loop) begin(ep episode.Episode) error {
	if !l.resumed.Load() {
		l.own.Store(ep.ID, nil)
	}
	if err := l.history.PutEpisode(ep); err != nil {
		return fmt.Errorf("opening episode %s: %w", ep.ID, err)
	}
	l.about(ep).Info("Episode opened", "rule", ep.Alert.Rule, "raised_by", ep.Alert.Source)
	return nil
}

// about is the log for an episode: each line says which cluster and job it is about.
func (l *Loop) about(ep episode.Episode) *slog.Logger {
	return l.log.With("episode", ep.ID, "cluster", ep.Alert.Cluster, "job", ep.Alert.Job)
}

// resume continues the episodes that an earlier process left unfinished: submitted ones
// in their order, the others each on its own.
func (l *Loop) resume(ctx context.Context, work *sync.WaitGroup) error {
	recent, err := l.history.Episodes(episode.JobRef{}, "", remembered)
	if err != nil {
		return fmt.Errorf("reading recent episodes: %w", err)
	}
	left, err := l.history.Unfinished()
	if err != nil {
		return fmt.Errorf("reading unfinished episodes: %w", err)
	}
	if l.cfg.LeaveOld {
		left = nil
	}
	left = slices.DeleteFunc(left, func(ep episode.Episode) bool { _, own := l.own.Load(ep.ID); return own })
	l.resumed.Store(true)
	l.admission.restore(recent, left)
	for _, ep := range left {
		plan, repeatable := l.planFor(ep.Alert)
		l.about(ep).Info("Episode resumed", "state", ep.State, "repeatable", repeatable)
		switch {
		case ep.State == episode.Announcing:
			l.notifying.add(ep)
		case !repeatable:
			_, err := l.finish(ep, ErrInterrupted)
			switch {
			case lasting(err):
				l.abandon(ep, err)
			case err != nil && !errors.Is(err, ErrInterrupted):
				l.about(ep).Warn("Interrupted episode is not recorded as failed; the next start tries again",
					"err", err)
			}
		case plan.Advisor != nil:
			l.tell(ep, plan)
			l.waiting.add(ep)
		default:
			l.tell(ep, plan)
			l.direct.Add(1)
			work.Go(func() {
				defer l.direct.Add(-1)
				defer l.watch.ended(ep)
				switch ended, err := l.run(ctx, ep, plan); {
				case lasting(err):
					l.abandon(ended, err)
				case err != nil && ctx.Err() == nil:
					l.about(ep).Warn("Resumed episode failed", "state", ended.State, "err", err)
				}
			})
		}
	}
	return nil
}
