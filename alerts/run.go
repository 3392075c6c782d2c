package alerts

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Sink takes alerts, and the news that they are over. It must be safe for
// concurrent use and return soon: what an alert leads to happens elsewhere.
type Sink interface {
	// Submit hands over one alert. accepted says that an episode will come of it;
	// if not, reason is a word for why (the alert is known, the rule cools down):
	// that is an answer, and the alert is dealt with. An error means that the
	// alert could not be taken at all and should be offered again. Submitting the
	// same occurrence again is harmless.
	Submit(alert episode.Alert) (accepted bool, reason string, err error)
}

// Run evaluates the trends at a steady pace and passes what is new to sink, until
// ctx ends. What the sink cannot accept is offered again at the next evaluation, in
// order. With delivery by Prometheus nothing is handed over.
func (t *Trends) Run(ctx context.Context, sink Sink) error {
	ticker := time.NewTicker(t.every)
	defer ticker.Stop()
	var waiting []episode.Alert
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			waiting = t.deliver(append(waiting, t.Tick(t.Now())...), sink)
		}
	}
}

// deliver passes alerts to the sink and returns those that it could not accept.
func (t *Trends) deliver(alerts []episode.Alert, sink Sink) (waiting []episode.Alert) {
	if t.delivery == Prometheus {
		return nil
	}
	for i, alert := range alerts {
		accepted, reason, err := sink.Submit(alert)
		if err != nil {
			t.log.Warn("Alert not accepted, it is submitted again at the next evaluation",
				"rule", alert.Rule, "job", alert.Job, "err", err)
			return alerts[i:]
		}
		t.log.Info("Trend alert", "rule", alert.Rule, "job", alert.Job, "process", alert.Process,
			"resolved", alert.Resolved(), "accepted", accepted, "reason", reason, "summary", alert.Summary)
	}
	return nil
}
