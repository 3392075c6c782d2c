package server

import "github.com/prometheus/client_golang/prometheus"

// metrics count what the server did to protect itself.
type metrics struct {
	refused *prometheus.CounterVec
	evicted prometheus.Counter
}

var (
	unprotectedDesc = prometheus.NewDesc("flink_sidecar_web_unprotected",
		"1 if the sidecar listens beyond loopback and asks for no authentication, otherwise 0.", nil, nil)
	connectionsDesc = prometheus.NewDesc("flink_sidecar_web_connections", "Open connections to the sidecar.", nil, nil)
	limitDesc       = prometheus.NewDesc("flink_sidecar_web_connections_limit",
		"Open connections at which a new one takes the place of an old one.", nil, nil)
)

func newMetrics() *metrics {
	return &metrics{
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_web_requests_refused_total",
			Help: "Requests that were refused before they reached their handler, by reason.",
		}, []string{"reason"}),
		evicted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "flink_sidecar_web_connections_evicted_total",
			Help: "Connections that were closed at the limit to make room for a new one.",
		}),
	}
}

// Describe implements prometheus.Collector.
func (s *Server) Describe(ch chan<- *prometheus.Desc) {
	ch <- unprotectedDesc
	ch <- connectionsDesc
	ch <- limitDesc
	s.metrics.refused.Describe(ch)
	s.metrics.evicted.Describe(ch)
}

// Collect implements prometheus.Collector.
func (s *Server) Collect(ch chan<- prometheus.Metric) {
	unprotected := 0.0
	if s.Unprotected() != "" {
		unprotected = 1
	}
	ch <- prometheus.MustNewConstMetric(unprotectedDesc, prometheus.GaugeValue, unprotected)
	ch <- prometheus.MustNewConstMetric(connectionsDesc, prometheus.GaugeValue, float64(s.connections.count()))
	ch <- prometheus.MustNewConstMetric(limitDesc, prometheus.GaugeValue, float64(s.connections.limit))
	s.metrics.refused.Collect(ch)
	s.metrics.evicted.Collect(ch)
}

func (l *connections) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}
