package alerts

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Sink accepts alerts and their ends. It must be safe for concurrent use and return
// soon: the work for an alert happens elsewhere.
type Sink interface {
	// Submit offers one alert. accepted is true if an episode will follow. If it is
	// false, reason is a word such as known or cooling_down, and the alert is done. An
	// error means that the alert was not accepted and should be submitted again.
	// Repeating a submission is harmless.
	Submit(alert episode.Alert) (accepted bool, reason string, err error)
}

// Run evaluates the trends at a fixed interval and submits new alerts to sink, until
// ctx ends. Alerts that the sink can't accept are submitted again at the next
// evaluation, in order. With delivery by Prometheus no alert is submitted, and no end but those of
// alerts that were.
func (t *Trends) Run(ctx context.Context, sink Sink) error {
	ticker := time.NewTicker(t.interval())
	defer ticker.Stop()
	var waiting []episode.Alert
	for {
		select {
		case <-ctx.Done():
			t.keptMedians = time.Time{}
			t.keepMedians(t.Now())
			return nil
		case <-ticker.C:
			waiting = t.deliver(append(waiting, t.Tick(t.Now())...), sink)
			t.keepScores()
			t.keepFiring()
			t.keepMedians(t.Now())
			ticker.Reset(t.interval())
		}
	}
}

// deliver submits alerts to the sink and returns those that it could not accept.
func (t *Trends) deliver(alerts []episode.Alert, sink Sink) (waiting []episode.Alert) {
	for _, alert := range alerts {
		ours := t.deliveredBy() != Prometheus || alert.Resolved() && t.pushed[alert.Fingerprint]
		if !ours {
			continue
		}
		accepted, reason, err := sink.Submit(alert)
		if err != nil {
			t.log.Warn("Alert not accepted, it is submitted again at the next evaluation",
				"rule", alert.Rule, "cluster", alert.Cluster, "job", alert.Job, "err", err)
			waiting = append(waiting, alert)
			continue
		}
		t.notePushed(alert)
		t.log.Info("Trend alert", "rule", alert.Rule, "cluster", alert.Cluster, "job", alert.Job, "process", alert.Process,
			"resolved", alert.Resolved(), "accepted", accepted, "reason", reason, "summary", alert.Summary)
	}
	return waiting
}

// notePushed remembers which alerts the sink has. Their ends go there too, whatever a reload says of
// the delivery: nobody else would end them.
func (t *Trends) notePushed(alert episode.Alert) {
	if alert.Resolved() {
		delete(t.pushed, alert.Fingerprint)
		return
	}
	t.pushed[alert.Fingerprint] = true
}

func (t *Trends) deliveredBy() Delivery {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.delivery
}

// keepScores passes the scores on if they changed since the last time.
func (t *Trends) keepScores() {
	if t.OnScores == nil {
		return
	}
	scores, changes := t.Scores(), 0
	for _, s := range scores {
		changes += s.Fired + s.True + s.False + s.Avoided + s.Missed
	}
	t.mu.Lock()
	changed := changes != t.kept
	t.kept = changes
	t.mu.Unlock()
	if changed {
		t.OnScores(scores)
	}
}
