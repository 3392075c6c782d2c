package alerts

import (
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// maxTracks bounds how many signals are followed. Each costs a window of
// memory; a cluster with more TaskManagers than that is followed in part, and
// what is left out is counted.
const maxTracks = 10_000

// minPoll is the shortest interval at which the collector polls, and so bounds
// how many samples a window can need.
const minPoll = 5 * time.Second

// Trends follows the signals that rules are about. It is safe for concurrent
// use.
type Trends struct {
	// Now is time.Now unless a test sets it.
	Now func() time.Time

	rules    []Rule
	settle   time.Duration
	keep     time.Duration
	every    time.Duration
	delivery Delivery
	log      *slog.Logger
	dropped  prometheus.Counter

	mu     sync.Mutex
	tracks map[trackKey]*track
	order  []*track // as first seen
	buffer buffer
}

// trackKey names one signal as one rule follows it.
type trackKey struct {
	rule   string
	labels snapshot.Labels
}

// buffer is what a line is fitted to; one serves all tracks in turn.
type buffer struct{ times, values []float64 }

// NewTrends follows the signals of the rules in c, which is valid.
func NewTrends(c Config, log *slog.Logger) *Trends {
	return &Trends{
		Now:      time.Now,
		rules:    c.EffectiveRules(),
		settle:   time.Duration(c.Settle),
		keep:     time.Duration(c.KeepFiringFor),
		every:    time.Duration(c.Every),
		delivery: c.Delivery,
		log:      log.With("component", "alerts"),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "flink_sidecar_trend_samples_dropped_total",
			Help: "Samples of signals that are not followed because the maximum number is reached.",
		}),
		tracks: map[trackKey]*track{},
	}
}

// Observe takes a sample into the windows of the rules that it concerns. What
// isn't known isn't observed: there is no sample for it.
func (t *Trends) Observe(o Observation) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.rules {
		if rule := &t.rules[i]; rule.Signal == o.Signal {
			if followed := t.follow(rule, o.Labels); followed != nil {
				followed.observe(o, t.settle)
			}
		}
	}
}

// follow returns the track of a rule and labels, a new one if need be, and nil
// when there are too many.
func (t *Trends) follow(rule *Rule, labels snapshot.Labels) *track {
	key := trackKey{rule.Name, labels}
	if known, ok := t.tracks[key]; ok {
		return known
	}
	if len(t.tracks) >= maxTracks {
		t.dropped.Inc()
		return nil
	}
	limit := int(rule.Window/minPoll) + 1
	added := &track{rule: rule, labels: labels, window: series.NewWindow(rule.Window, limit)}
	// Before the first evaluation only the labels of a trend are known.
	added.trend = snapshot.Trend{
		Rule: rule.Name, Signal: rule.Signal, Labels: labels, Unit: rule.Unit,
		Unknown: stat.ErrTooFew,
	}
	t.tracks[key] = added
	t.order = append(t.order, added)
	return added
}

// Tick looks at every trend as of now and returns what is new since the last
// look: the alerts that began to fire, and those that are over (their ResolvedAt
// is set). Each is returned once.
func (t *Trends) Tick(now time.Time) []episode.Alert {
	t.mu.Lock()
	defer t.mu.Unlock()
	var news []episode.Alert
	kept := t.order[:0]
	for _, followed := range t.order {
		followed.assess(now, &t.buffer)
		if alert, ok := followed.advance(now, t.keep); ok {
			news = append(news, alert)
		}
		if followed.forgotten(now) {
			delete(t.tracks, trackKey{followed.rule.Name, followed.labels})
			continue
		}
		kept = append(kept, followed)
	}
	clear(t.order[len(kept):])
	t.order = kept
	return news
}

// All returns the trends of the last evaluation, in the order in which their
// signals were first seen.
func (t *Trends) All() []snapshot.Trend {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]snapshot.Trend, len(t.order))
	for i, followed := range t.order {
		out[i] = followed.trend
	}
	return out
}
