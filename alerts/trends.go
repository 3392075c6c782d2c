package alerts

import (
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// maxTracks bounds the number of signals that are followed, because each needs memory
// for a window. Further signals of a cluster with many TaskManagers are dropped and
// counted.
const maxTracks = 10_000

// minPoll is the shortest poll interval of the collector. It bounds the number of
// samples in a window.
const minPoll = 5 * time.Second

// Trends follows the signals of the rules. It is safe for concurrent use.
type Trends struct {
	// Now is time.Now unless a test sets it.
	Now func() time.Time
	// OnScores is called with the scores when an evaluation changed them; nil for nothing.
	OnScores func([]episode.RuleScore)
	// OnFiring is called with the alerts that fire when an evaluation changed them; nil for
	// nothing. Only Run calls it.
	OnFiring func([]episode.FiringTrend)
	// OnMedians is called with [Trends.Medians] from time to time and at the end of Run; nil for
	// nothing. Only Run calls it.
	OnMedians func([]episode.TrendMedian)

	rules    []Rule
	settle   time.Duration
	keep     time.Duration
	every    time.Duration
	delivery Delivery
	log      *slog.Logger
	dropped  prometheus.Counter
	firings  *prometheus.CounterVec

	mu     sync.Mutex
	tracks map[trackKey]*track
	order  []*track // in the order of their first sample
	buffer buffer
	scores scores
	// kept is what OnScores was called with last, as a count of all that can change.
	kept int
	// restored are the pasts of signals that have had no sample yet in this process.
	restored    map[trackKey]*baseline
	keptMedians time.Time
	// keptFiring is what OnFiring was called with last.
	keptFiring []episode.FiringTrend
	// pushed are the fingerprints of the alerts that the sink has. Only Run and RestoreFiring use it.
	pushed map[string]bool
	// held are the samples that arrive while older ones are fetched; nil unless holding.
	holding bool
	held    []signal.Observation
	// ended are alerts of rules that a reload removed, and those of an earlier process, which
	// the next evaluation returns.
	ended []episode.Alert
	// clusters are those that were polled, and seen is when a signal of one had its last sample.
	clusters []string
	seen     map[seenKey]time.Time
}

// trackKey identifies one signal of one rule.
type trackKey struct {
	rule   string
	labels snapshot.Labels
}

// buffer holds the points for a fit. All tracks share one buffer in turn.
type buffer struct{ times, values []float64 }

// NewTrends follows the signals of the rules in c, which must be valid.
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
		firings: newFirings(),
		tracks:  map[trackKey]*track{},
		scores:  scores{},
		pushed:  map[string]bool{},
		seen:    map[seenKey]time.Time{},
	}
}

// Observe adds a sample to the windows of its rules. There is no sample for an unknown
// value.
func (t *Trends) Observe(o signal.Observation) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.holding && len(t.held) < maxHeld {
		t.held = append(t.held, o)
		return
	}
	t.observe(o)
}

func (t *Trends) observe(o signal.Observation) {
	t.see(o)
	for i := range t.rules {
		if rule := &t.rules[i]; rule.Signal == o.Signal && rule.Matches(o) {
			if followed := t.follow(rule, o.Labels); followed != nil {
				followed.vertexName = o.VertexName
				followed.observe(o, t.settle)
			}
		}
	}
}

// Listed tells which subjects of a cluster Flink knows, after a poll that succeeded. The
// alert of a subject that is gone ends, because no sample will ever end it. A subject
// without samples that Flink still knows is not gone.
func (t *Trends) Listed(cluster string, known func(snapshot.Labels) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.polled(cluster)
	for _, followed := range t.order {
		switch {
		case followed.labels.Cluster != cluster:
		case known(followed.labels):
			followed.gone = time.Time{}
		case followed.gone.IsZero():
			followed.gone = t.Now()
		}
	}
}

// follow returns the track of a rule and labels. It makes a new one if needed, and
// returns nil if there are too many.
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
	if rule.MultipleOfMedian > 0 {
		added.baseline = t.newBaseline(key)
	}
	// Before the first evaluation only the labels of a trend are known.
	added.trend = snapshot.Trend{
		Rule: rule.Name, Signal: rule.Signal, Labels: labels, Unit: rule.Unit,
		State: snapshot.TrendUnknown, Unknown: tooFew{need: rule.MinSamples},
	}
	t.tracks[key] = added
	t.order = append(t.order, added)
	return added
}

// Tick evaluates every trend as of now and returns the changes since the last
// evaluation: alerts that began to fire, and alerts that ended (their ResolvedAt is
// set). Each is returned once, and once more by the next process if it still fires.
func (t *Trends) Tick(now time.Time) []episode.Alert {
	t.mu.Lock()
	defer t.mu.Unlock()
	news := t.ended
	t.ended = nil
	kept := t.order[:0]
	for _, followed := range t.order {
		followed.assess(now, &t.buffer)
		alert, ok := followed.advance(now, t.keep)
		if ok {
			news = append(news, alert)
			if !alert.Resolved() {
				t.firings.WithLabelValues(alert.Rule).Inc()
			}
		}
		t.scores.note(followed, alert, ok, now)
		followed.decide(t.keep)
		if followed.forgotten(now, t.keep) {
			delete(t.tracks, trackKey{followed.rule.Name, followed.labels})
			continue
		}
		kept = append(kept, followed)
	}
	clear(t.order[len(kept):])
	t.order = kept
	return news
}

// All returns the trends of the last evaluation, in the order of the first samples of
// their signals.
func (t *Trends) All() []snapshot.Trend {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]snapshot.Trend, len(t.order))
	for i, followed := range t.order {
		out[i] = followed.trend
	}
	return out
}
