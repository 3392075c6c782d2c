// Package epochs makes an episode of each epoch of a job: the epoch is stored, announced at once,
// and measured when the job has warmed up.
package epochs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// Rule is the rule of the episodes of epochs.
const Rule = "epoch-began"

// Store is the part of the history with epochs and their episodes.
type Store interface {
	PutEpoch(e episode.Epoch) (isNew bool, err error)
	Reader
}

// Epochs opens the episodes of epochs. Each runs under the context of [Epochs.Run]. Use [New].
type Epochs struct {
	store   Store
	loop    *loop.Loop
	plan    loop.Plan
	resume  bool
	changed chan episode.Epoch
	log     *slog.Logger
}

// room is enough for every job of a large cluster at once: the collector must not wait.
const room = 256

// New makes the episodes of epochs by a plan, see [PlanOf]. With resume it also opens those of
// epochs that an earlier process has stored, and for which it ended before it opened an episode.
func New(store Store, l *loop.Loop, plan loop.Plan, resume bool, log *slog.Logger) *Epochs {
	return &Epochs{
		store: store, loop: l, plan: plan, resume: resume, changed: make(chan episode.Epoch, room),
		log: log.With("component", "epochs"),
	}
}

// Changed queues an epoch that began; it does not wait.
func (s *Epochs) Changed(e episode.Epoch) {
	select {
	case s.changed <- e:
	default:
		s.log.Warn("Epoch not recorded: too many at once", "cluster", e.Cluster, "job", e.Job)
	}
}

// Run opens episodes until ctx ends.
func (s *Epochs) Run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	if s.resume {
		left, err := Left(s.store, time.Now())
		for _, e := range left {
			work.Go(func() { s.open(ctx, e) })
		}
		if err != nil {
			s.log.Warn("Epochs of an earlier process are not measured", "err", err)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-s.changed:
			work.Go(func() {
				if isNew, err := s.put(ctx, e); err == nil && isNew {
					s.open(ctx, e)
				}
			})
		}
	}
}

// put records an epoch. While the history cannot be written it tries again: the collector
// reports an epoch once.
func (s *Epochs) put(ctx context.Context, e episode.Epoch) (isNew bool, err error) {
	for pauses := wait.Backoff(time.Second, time.Minute); ; {
		isNew, err = s.store.PutEpoch(e)
		var invalid interface{ Invalid() bool }
		if err == nil || errors.As(err, &invalid) && invalid.Invalid() {
			break
		}
		s.log.Warn("Epoch not recorded, it is tried again", "cluster", e.Cluster, "job", e.Job, "err", err)
		if wait.For(ctx, pauses.NextBackOff()) != nil {
			break
		}
	}
	if err != nil {
		s.log.Error("Epoch not recorded", "cluster", e.Cluster, "job", e.Job, "err", err)
	}
	return isNew, err
}

// open opens the episode of an epoch.
func (s *Epochs) open(ctx context.Context, e episode.Epoch) {
	alert := AlertOf(e)
	if _, err := s.loop.Turn(ctx, alert, PlanOf(s.plan, alert)); err != nil && ctx.Err() == nil {
		s.log.Warn("Episode of a new epoch failed", "cluster", e.Cluster, "job", e.Job, "err", err)
	}
}

// AlertOf opens the episode of an epoch. The first epoch that is known of a job is no change, and
// is not annotated.
func AlertOf(e episode.Epoch) episode.Alert {
	alert := episode.Alert{
		Rule: Rule, Source: episode.FromEpoch, Cluster: e.Cluster, Job: e.Job, Summary: e.Describe(),
		StartsAt: e.Began,
	}
	if len(e.Changes) == 0 {
		alert.Omit = []episode.Action{episode.ActionAnnotate}
	}
	return alert
}

// PlanOf is a plan for the episode of an epoch, which is announced unless its alert omits that.
func PlanOf(plan loop.Plan, alert episode.Alert) loop.Plan {
	plan.Announce = plan.Announce && !alert.Omits(episode.ActionAnnotate)
	return plan
}
