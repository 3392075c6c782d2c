package loop

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

const (
	// mergeWithin is how long after the opening of an episode a further alert about the same
	// job joins it: one cause raises several alerts at about the same time.
	mergeWithin = time.Minute
	// maxTriggers bounds the further alerts of an episode; later ones open another.
	maxTriggers = 50
)

// join makes an alert a further trigger of an open episode that began shortly before, for the
// same job, and returns the id of that episode; empty if there is none. An alert about
// another vertex or process is about something else. The caller has the lock.
func (a *admission) join(ep episode.Episode) (id string, err error) {
	key, found := a.joinable(ep)
	if !found || a.merge == nil {
		return "", nil
	}
	s := a.subjects[key]
	if err := a.merge(s.id, ep.Alert); err != nil {
		return "", err
	}
	s.triggers = append(slices.Clip(s.triggers), ep.Alert)
	a.subjects[key] = s
	a.rememberTrigger(ep.Alert, s.id, ep.Opened)
	return s.id, nil
}

// joinable returns the key of the oldest episode that an alert may join. What was found by an
// episode whose work is over is no answer to a later alert.
func (a *admission) joinable(ep episode.Episode) (oldest string, found bool) {
	if !ep.Alert.Automatic() {
		return "", false
	}
	for key, s := range a.subjects {
		age := ep.Opened.Sub(s.opened)
		if !s.open || s.joined || age < 0 || age >= mergeWithin || len(s.triggers) >= maxTriggers || !s.alert.Automatic() ||
			!s.alert.SharesSubject(ep.Alert) {
			continue
		}
		if !found || s.opened.Before(a.subjects[oldest].opened) {
			oldest, found = key, true
		}
	}
	return oldest, found
}

// awaitTriggers keeps the episode of a trouble open until no further alert can join it. Such
// an episode may need no profile and be done in seconds, while its cause raises more alerts:
// a lost TaskManager restarts the jobs.
func (l *Loop) awaitTriggers(ctx context.Context, ep *episode.Episode) {
	rest := ep.Opened.Add(mergeWithin).Sub(l.Now())
	if ep.Alert.Source == episode.FromTrouble && ep.Alert.Job != "" && rest > 0 {
		// Whether the pause ended early shows in the context.
		_ = l.Pause(ctx, min(rest, mergeWithin))
	}
}

// triggersOf are the further alerts of an episode so far.
func (a *admission) triggersOf(ep episode.Episode) []episode.Alert {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.subjects[ep.Alert.DedupeKey()]; s.id == ep.ID {
		return s.triggers
	}
	return ep.Triggers
}

// storeTrigger stores a further alert of an episode, or the end of one.
func (l *Loop) storeTrigger(id string, alert episode.Alert) error {
	if l.alerts == nil {
		return nil
	}
	if _, err := l.alerts.PutTrigger(id, alert); err != nil {
		return fmt.Errorf("storing a further alert of episode %s: %w", id, err)
	}
	l.log.Info("Alert merged into an episode", "episode", id, "rule", alert.Rule, "raised_by", alert.Source,
		"cluster", alert.Cluster, "job", alert.Job, "resolved", alert.Resolved())
	return nil
}
