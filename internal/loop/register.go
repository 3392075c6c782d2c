package loop

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// AlertHistory remembers what became of alerts beside their episodes.
type AlertHistory interface {
	// PutDeclined stores alerts that opened no episode.
	PutDeclined(declined ...episode.Declined) error
	// PutAlertEnd stores when the alert of an episode ended. It changes nothing for an
	// episode that has an end already.
	PutAlertEnd(id string, at time.Time) (stored bool, err error)
	// PutTrigger stores a further alert of an episode, or its end: it replaces the stored
	// one of the same occurrence, unless that has an end.
	PutTrigger(id string, alert episode.Alert) (stored bool, err error)
}

// register collects declined alerts and stores them together: a storm of them must not
// cost a write each.
type register struct {
	mu      sync.Mutex
	waiting []episode.Declined
	dropped int
	failing bool // the last attempt to store failed; of the storing goroutine alone
}

const (
	// storeEvery is how often declined alerts are stored.
	storeEvery = time.Second
	// maxWaiting bounds the alerts between two writes; the rest is only counted.
	maxWaiting = 1000
)

// put takes an alert that opened no episode.
func (r *register) put(d episode.Declined) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) >= maxWaiting {
		r.dropped++
		return
	}
	r.waiting = append(r.waiting, d)
}

// putBack takes alerts that could not be stored, as far as there is room, and how many were
// dropped before.
func (r *register) putBack(alerts []episode.Declined, dropped int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	room := min(len(alerts), max(0, maxWaiting-len(r.waiting)))
	r.waiting = append(alerts[:room:room], r.waiting...)
	r.dropped += dropped + len(alerts) - room
}

func (r *register) take() (waiting []episode.Declined, dropped int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	waiting, dropped = r.waiting, r.dropped
	r.waiting, r.dropped = nil, 0
	return waiting, dropped
}

// keepDeclined stores declined alerts until ctx ends, and what is left then.
func (l *Loop) keepDeclined(ctx context.Context) {
	for wait.For(ctx, storeEvery) == nil {
		l.storeDeclined()
	}
	l.storeDeclined()
}

func (l *Loop) storeDeclined() {
	declined, dropped := l.declined.take()
	if len(declined) == 0 {
		return
	}
	switch err := l.alerts.PutDeclined(declined...); {
	case err == nil:
	case unwritable(err):
		l.storeEach(declined)
	default: // the disk may have room again
		l.declined.putBack(declined, dropped)
		if !l.declined.failing {
			l.log.Warn("Declined alerts are not stored, they are kept for now", "count", len(declined), "err", err)
		}
		l.declined.failing = true
		return
	}
	l.declined.failing = false
	if dropped > 0 {
		l.log.Warn("Too many declined alerts to store them all", "dropped", dropped)
	}
}

// storeEach stores declined alerts one by one, so that one which is too large costs only
// itself.
func (l *Loop) storeEach(declined []episode.Declined) {
	for _, d := range declined {
		if err := l.alerts.PutDeclined(d); err != nil {
			l.log.Warn("A declined alert is not stored", "rule", d.Alert.Rule, "reason", d.Reason, "err", err)
		}
	}
}

// ended stores when the alert of an episode ended. After an error the sender must repeat it.
func (l *Loop) ended(alert episode.Alert) error {
	of, err := l.admission.episodeOf(alert)
	if err != nil || of.id == "" || l.alerts == nil {
		return err
	}
	if of.joined {
		return l.storeTrigger(of.id, alert)
	}
	if _, err := l.alerts.PutAlertEnd(of.id, alert.ResolvedAt); err != nil {
		return fmt.Errorf("storing the end of the alert of episode %s: %w", of.id, err)
	}
	return nil
}
