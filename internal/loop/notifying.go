package loop

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// Pauses between two attempts to announce an episode that may succeed later.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// announceWaiting announces the waiting episodes one after the other, so that they appear in the
// order in which they were concluded.
func (l *Loop) announceWaiting(ctx context.Context) {
	for {
		ep, ok := l.notifying.next(ctx)
		if !ok {
			return
		}
		l.announceOne(ctx, ep)
		l.notifying.done()
	}
}

// announceOne tries until the episode is announced, refused for good, or ctx ends.
func (l *Loop) announceOne(ctx context.Context, ep episode.Episode) {
	for pauses := wait.Backoff(firstPause, longestPause); ; {
		announced, err := l.announce(ctx, &ep)
		if ctx.Err() != nil {
			return // the history still has it as announcing
		}
		if lasting(err) {
			l.abandon(ep, err)
			return
		}
		if err != nil {
			l.about(ep).Error("Announcement not recorded", "err", err)
			l.watch.failed(ep, l.Now(), err)
		}
		if announced && err == nil {
			return
		}
		// The context shows whether the pause ended early.
		_ = l.Pause(ctx, pauses.NextBackOff())
	}
}

// announce tries once and records the result.
func (l *Loop) announce(ctx context.Context, ep *episode.Episode) (announced bool, err error) {
	if l.notifier == nil { // it was configured in an earlier process
		done := *ep
		done.Notes = withNote(ep.Notes, "it was not announced: no receiver is configured any more (set grafana.url)")
		_, err := l.finish(done, nil)
		return true, err
	}
	id, failure := l.notifier.Notify(ctx, *ep)
	switch {
	case ctx.Err() != nil:
		return false, nil // the sidecar stops: this is no failure of the receiver
	case errors.Is(failure, errLater):
		return false, l.wait(ep, failure)
	}
	done := *ep
	announcement := episode.Announcement{Where: l.notifier.Where(), ID: id, At: l.Now()}
	if failure != nil {
		announcement.Error = failure.Error()
		l.about(*ep).Warn("Episode cannot be announced", "err", failure)
	}
	done.Announcements = append(slices.Clip(done.Announcements), announcement)
	_, err = l.finish(done, nil)
	return true, err
}

// wait records what an episode waits for, once for each reason.
func (l *Loop) wait(ep *episode.Episode, why error) error {
	if ep.Waiting == why.Error() {
		return nil
	}
	waiting := *ep
	waiting.Waiting = why.Error()
	if err := l.record(&waiting, episode.Announcing); err != nil {
		return err
	}
	*ep = waiting
	l.about(*ep).Warn("Episode waits to be announced", "err", why)
	return nil
}

// tell lets the notifier say that an episode has begun. It does not wait.
func (l *Loop) tell(ep episode.Episode, plan Plan) {
	if l.notifier != nil && plan.announced() {
		l.begun.Store(ep.ID, nil)
		l.opening.add(ep)
	}
}

// tellBegun says of episodes that they have begun, until ctx ends. An announcement that waits
// does not hold it up.
func (l *Loop) tellBegun(ctx context.Context) {
	for {
		ep, ok := l.opening.next(ctx)
		if !ok {
			return
		}
		l.tellOne(ctx, ep)
		l.opening.done()
	}
}

// tellOne tries until Grafana accepts or refuses, or until the episode has results. Then those
// are announced.
func (l *Loop) tellOne(ctx context.Context, ep episode.Episode) {
	why := ""
	for pauses := wait.Backoff(firstPause, longestPause); ; {
		if _, current := l.begun.Load(ep.ID); !current || ctx.Err() != nil {
			return
		}
		err := l.notifier.Open(ctx, ep)
		if err != nil && ctx.Err() == nil && err.Error() != why {
			why = err.Error()
			l.about(ep).Warn("The beginning of an episode is not announced", "err", err)
		}
		if !errors.Is(err, errLater) {
			return
		}
		// The context shows whether the pause ended early.
		_ = l.Pause(ctx, pauses.NextBackOff())
	}
}
