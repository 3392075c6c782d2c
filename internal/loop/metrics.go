package loop

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// metrics count what came in and what came of it.
type metrics struct {
	alerts   *prometheus.CounterVec
	episodes *prometheus.CounterVec
	took     prometheus.Histogram
	open     []prometheus.Collector
}

func newMetrics(l *Loop) *metrics {
	m := &metrics{
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_alerts_total",
			Help: "Alerts that were offered to the loop, by who raised them and by what became of them.",
		}, []string{"source", "result"}),
		episodes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_episodes_total", Help: "Episodes that ended, by how.",
		}, []string{"state"}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "flink_sidecar_episode_duration_seconds",
			Help:    "Time from the opening of an episode until its advice was complete and in history.",
			Buckets: []float64{1, 5, 15, 30, 45, 60, 90, 120, 300, 600, 1800},
		}),
	}
	for _, source := range []episode.Source{episode.FromTrend, episode.FromAlertmanager, episode.FromAPI, episode.FromCLI} {
		for _, result := range []string{"accepted", "refused", ReasonResolved, ReasonKnown, ReasonUnderWay, ReasonCoolingDown} {
			m.alerts.WithLabelValues(string(source), result)
		}
	}
	for _, state := range []episode.State{episode.Done, episode.Failed} {
		m.episodes.WithLabelValues(string(state))
	}
	m.open = []prometheus.Collector{
		openEpisodes("queued", func() int { queued, _ := l.waiting.lengths(); return queued }),
		openEpisodes("working", func() int { _, working := l.waiting.lengths(); return working }),
		openEpisodes("announcing", func() int { waiting, telling := l.telling.lengths(); return waiting + telling }),
	}
	return m
}

func openEpisodes(stage string, count func() int) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        "flink_sidecar_episodes_open",
		Help:        "Submitted episodes that are not finished: those that wait for a worker, are worked on, or wait to be announced.",
		ConstLabels: prometheus.Labels{"stage": stage},
	}, func() float64 { return float64(count()) })
}

func (m *metrics) finished(ep episode.Episode) {
	m.episodes.WithLabelValues(string(ep.State)).Inc()
}

func (m *metrics) concluded(ep episode.Episode) {
	m.took.Observe(ep.Concluded.Sub(ep.Opened).Seconds())
}

var _ prometheus.Collector = (*Loop)(nil)

func (m *metrics) all() []prometheus.Collector {
	return append([]prometheus.Collector{m.alerts, m.episodes, m.took}, m.open...)
}

// Describe implements prometheus.Collector.
func (l *Loop) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range l.metrics.all() {
		c.Describe(ch)
	}
}

// Collect implements prometheus.Collector.
func (l *Loop) Collect(ch chan<- prometheus.Metric) {
	for _, c := range l.metrics.all() {
		c.Collect(ch)
	}
}

// Open says how many submitted episodes wait for a worker, are worked on, and
// wait to be announced.
func (l *Loop) Open() (queued, working, announcing int) {
	queued, working = l.waiting.lengths()
	waiting, telling := l.telling.lengths()
	return queued, working, waiting + telling
}
