package profiler

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Metrics count the profiles of all clusters together. Every series exists from the
// start, so that a rate includes the first failure.
type Metrics struct {
	Profiles *prometheus.CounterVec
	seconds  *prometheus.CounterVec
}

// NewMetrics returns counters at zero.
func NewMetrics() *Metrics {
	m := &Metrics{
		Profiles: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_profiles_total",
			Help: "Requests to profile a process of Flink, by mode and by result.",
		}, []string{"mode", "result"}),
		seconds: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_profile_seconds_total",
			Help: "Total sampled time of Flink's processes, by mode.",
		}, []string{"mode"}),
	}
	for _, mode := range append(flame.Modes(), flame.Vertex, flame.Threads) {
		if mode != flame.Vertex { // which takes no time of a process alone
			m.seconds.WithLabelValues(string(mode))
		}
		for _, outcome := range Outcomes() {
			m.Profiles.WithLabelValues(string(mode), string(outcome))
		}
	}
	return m
}

func (m *Metrics) count(mode flame.Mode, outcome Outcome) {
	m.Profiles.WithLabelValues(string(mode), string(outcome)).Inc()
}

var _ prometheus.Collector = (*Metrics)(nil)

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	m.Profiles.Describe(ch)
	m.seconds.Describe(ch)
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	m.Profiles.Collect(ch)
	m.seconds.Collect(ch)
}

// CountSkipped counts a profile that the budget or a guard refused.
func (p *Profiler) CountSkipped(mode flame.Mode, refusal Outcome) { p.Metrics.count(mode, refusal) }
