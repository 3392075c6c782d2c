package loop

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// metrics count alerts and the episodes that they opened.
type metrics struct {
	alerts   *prometheus.CounterVec
	episodes *prometheus.CounterVec
	took     prometheus.Histogram
	// abandoned are those that the history will never accept.
	abandoned prometheus.Counter
}

var openDesc = prometheus.NewDesc("flink_sidecar_episodes_open",
	"Submitted episodes that are not finished: queued for a worker, working, or announcing "+
		"(concluded and waiting for their announcement).",
	[]string{"stage"}, nil)

var stuckDesc = prometheus.NewDesc("flink_sidecar_episodes_stuck",
	"Episodes that do not go on although it is their turn: their state cannot be recorded for a minute, or one "+
		"step takes an hour. Above 0, /-/healthy answers 503 and says why.",
	nil, nil)

func newMetrics() *metrics {
	m := &metrics{
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_alerts_total",
			Help: "Alerts that the loop received, by source and by result.",
		}, []string{"source", "result"}),
		episodes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_episodes_total", Help: "Episodes that ended, by final state.",
		}, []string{"state"}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "flink_sidecar_episode_duration_seconds",
			Help:    "Time from the opening of an episode until its advice was complete and in history.",
			Buckets: []float64{1, 5, 15, 30, 45, 60, 90, 120, 300, 600, 1800},
		}),
		abandoned: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "flink_sidecar_episodes_abandoned_total",
			Help: "Episodes that were given up because the history can never take them: it holds another state, " +
				"or a value cannot be written.",
		}),
	}
	for _, source := range []episode.Source{
		episode.FromTrend, episode.FromAlertmanager, episode.FromAPI,
		episode.FromCLI, episode.FromTrouble,
	} {
		for _, result := range []string{
			"accepted", "refused", ReasonResolved, ReasonKnown, ReasonUnderWay,
			ReasonCoolingDown,
		} {
			m.alerts.WithLabelValues(string(source), result)
		}
	}
	for _, state := range []episode.State{episode.Done, episode.Failed} {
		m.episodes.WithLabelValues(string(state))
	}
	return m
}

func (m *metrics) finished(ep episode.Episode) {
	m.episodes.WithLabelValues(string(ep.State)).Inc()
}

func (m *metrics) concluded(ep episode.Episode) {
	m.took.Observe(ep.Concluded.Sub(ep.Opened).Seconds())
}

var _ prometheus.Collector = (*Loop)(nil)

func (m *metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.alerts, m.episodes, m.took, m.abandoned}
}

// Describe implements prometheus.Collector.
func (l *Loop) Describe(ch chan<- *prometheus.Desc) {
	ch <- openDesc
	ch <- stuckDesc
	for _, c := range l.metrics.all() {
		c.Describe(ch)
	}
}

// Collect implements prometheus.Collector.
func (l *Loop) Collect(ch chan<- prometheus.Metric) {
	for _, c := range l.metrics.all() {
		c.Collect(ch)
	}
	ch <- prometheus.MustNewConstMetric(stuckDesc, prometheus.GaugeValue, float64(len(l.Stuck())))
	queued, working, announcing := l.Open()
	for stage, n := range map[string]int{"queued": queued, "working": working, "announcing": announcing} {
		ch <- prometheus.MustNewConstMetric(openDesc, prometheus.GaugeValue, float64(n), stage)
	}
}

// Open returns how many episodes wait for a worker, are in progress (also those that need
// no worker, such as a measurement after a deployment), and wait to be announced.
func (l *Loop) Open() (queued, working, announcing int) {
	queued, working = l.waiting.lengths()
	working += int(l.direct.Load())
	waiting, telling := l.notifying.lengths()
	return queued, working, waiting + telling
}
