package notify

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/contact"
)

// keepResolved is how long a resolved alert is repeated, as in Prometheus: Alertmanager may
// not answer when it ends.
const keepResolved = 15 * time.Minute

const (
	// maxAlerts bounds what is repeated: more than all trends that are followed. Where they are
	// full, alerts that are over make room.
	maxAlerts = 12_000
	// maxBatch is the number of alerts in one request, as in Prometheus.
	maxBatch = 256
)

// Sender repeats alerts until they are over. Its methods may be called at any time, from any
// goroutine.
type Sender struct {
	// Contact is that with Alertmanager. The last request was about alerts or, without any, about its
	// status.
	contact.Contact

	// Now is the clock.
	Now func() time.Time

	log   *slog.Logger
	wake  chan struct{} // holds at most one
	sends *prometheus.CounterVec

	sending sync.Mutex // one request at a time, so that an older one never comes later
	mu      sync.Mutex // protects the rest
	client  *client
	alerts  map[string]Alert
}

// New returns a sender. The error is about the configuration.
func New(cfg Alertmanager, log *slog.Logger) (*Sender, error) {
	client, err := newClient(cfg)
	if err != nil {
		return nil, err
	}
	s := &Sender{
		Now: time.Now, client: client, log: log.With("component", "notify"), wake: make(chan struct{}, 1),
		alerts: map[string]Alert{},
		sends: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_notify_requests_total",
			Help: "Times that all alerts were sent to Alertmanager, by result: ok or failed. While one fires it is once a minute.",
		}, []string{"result"}),
	}
	for _, result := range []string{"ok", "failed"} {
		s.sends.WithLabelValues(result)
	}
	return s, nil
}

// Reload prepares another configuration. What it returns makes the sender use it from the next request
// on; the alerts stay. The error is about the configuration.
func (s *Sender) Reload(cfg Alertmanager) (take func(), err error) {
	client, err := newClient(cfg)
	if err != nil {
		return nil, err
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.client.http.CloseIdleConnections()
		s.client = client
		s.poke()
	}, nil
}

// inUse is the client of the present configuration.
func (s *Sender) inUse() *client {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client
}

// Fire makes an alert fire, or replaces the one with the same key. It is sent soon.
func (s *Sender) Fire(key string, a Alert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if was, known := s.alerts[key]; known && was.EndsAt.IsZero() && !was.StartsAt.IsZero() {
		a.StartsAt = was.StartsAt
	} else if a.StartsAt.IsZero() {
		a.StartsAt = s.Now()
	}
	if _, known := s.alerts[key]; !known && len(s.alerts) >= maxAlerts && !s.makeRoom() {
		s.log.Warn("An alert is not sent: too many fire already", "most", maxAlerts, "alertname", a.Labels["alertname"])
		return
	}
	s.alerts[key] = a
	s.poke()
}

// makeRoom forgets the alert that ended first, and reports whether there was one. The caller
// holds mu.
func (s *Sender) makeRoom() bool {
	oldest, at := "", time.Time{}
	for key, a := range s.alerts {
		if !a.EndsAt.IsZero() && (at.IsZero() || a.EndsAt.Before(at)) {
			oldest, at = key, a.EndsAt
		}
	}
	delete(s.alerts, oldest)
	return !at.IsZero()
}

// Resolve ends an alert. It does nothing for a key that does not fire.
func (s *Sender) Resolve(key string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, known := s.alerts[key]
	if !known || !a.EndsAt.IsZero() {
		return
	}
	a.EndsAt = at
	s.alerts[key] = a
	s.poke()
}

// poke makes Run send soon. The caller holds mu.
func (s *Sender) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends.
func (s *Sender) Run(ctx context.Context) error {
	ticker := time.NewTicker(time.Duration(s.inUse().cfg.Repeat))
	defer ticker.Stop()
	for ctx.Err() == nil {
		ticker.Reset(time.Duration(s.inUse().cfg.Repeat))
		// The next one tries again, and the failure is a metric.
		_ = s.turn(ctx)
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-s.wake:
		}
	}
	return nil
}

// turn sends everything, or asks whether Alertmanager is there: it is known before an alert needs
// it.
func (s *Sender) turn(ctx context.Context) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	if alerts := s.due(); len(alerts) > 0 {
		return s.sendAll(ctx, alerts)
	}
	err := s.inUse().reach(ctx)
	if err != nil && ctx.Err() != nil {
		return err
	}
	s.note(err)
	return err
}

// Send sends everything now. It makes no request if there is nothing to send.
func (s *Sender) Send(ctx context.Context) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	if alerts := s.due(); len(alerts) > 0 {
		return s.sendAll(ctx, alerts)
	}
	return nil
}

// sendAll sends alerts in batches. It ends at the first batch that no Alertmanager takes.
func (s *Sender) sendAll(ctx context.Context, alerts []posted) (err error) {
	for batch := range slices.Chunk(alerts, maxBatch) {
		if err = s.inUse().send(ctx, batch); err != nil {
			break
		}
	}
	if err != nil && ctx.Err() != nil {
		return err // the sidecar stops: this is no failure of Alertmanager
	}
	s.note(err)
	s.count(err)
	return err
}

// due are the alerts to send. It forgets those that ended long ago.
func (s *Sender) due() (out []posted) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	for key, a := range s.alerts {
		if !a.EndsAt.IsZero() && now.Sub(a.EndsAt) > keepResolved {
			delete(s.alerts, key)
			continue
		}
		out = append(out, s.client.post(a, now))
	}
	return out
}

// note keeps the result of a request, and logs a change of it.
func (s *Sender) note(err error) {
	switch _, was := s.Failure(); {
	case err != nil && (was == nil || was.Error() != err.Error()):
		s.log.Warn("Alerts cannot be sent", "err", err)
	case err == nil && was != nil:
		s.log.Info("Alerts are sent again")
	}
	s.Note(s.Now(), err == nil, err)
}

// count counts the result of sending what is due.
func (s *Sender) count(err error) {
	if err != nil {
		s.sends.WithLabelValues("failed").Inc()
		return
	}
	s.sends.WithLabelValues("ok").Inc()
}

var firingDesc = prometheus.NewDesc("flink_sidecar_notify_alerts",
	"Alerts of the sidecar that fire in Alertmanager; 0 is none.", nil, nil)

// Describe implements prometheus.Collector.
func (s *Sender) Describe(ch chan<- *prometheus.Desc) {
	ch <- firingDesc
	s.sends.Describe(ch)
}

// Collect implements prometheus.Collector.
func (s *Sender) Collect(ch chan<- prometheus.Metric) {
	s.mu.Lock()
	firing := 0
	for _, a := range s.alerts {
		if a.EndsAt.IsZero() {
			firing++
		}
	}
	s.mu.Unlock()
	ch <- prometheus.MustNewConstMetric(firingDesc, prometheus.GaugeValue, float64(firing))
	s.sends.Collect(ch)
}

// Close ends idle connections.
func (s *Sender) Close() { s.inUse().http.CloseIdleConnections() }
