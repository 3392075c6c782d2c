package collector

import "github.com/prometheus/client_golang/prometheus"

// Only returns a collector of the series of Flink whose names are wanted. It has none of the metrics that this
// collector has of itself.
func (c *Collector) Only(wanted func(name string) bool) prometheus.Collector {
	return &selection{c, wanted}
}

// selection implements prometheus.Collector. It describes nothing: that is checked with the whole page.
type selection struct {
	of     *Collector
	wanted func(name string) bool
}

// Describe implements prometheus.Collector.
func (s *selection) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (s *selection) Collect(ch chan<- prometheus.Metric) { s.of.collectPage(ch, s.wanted) }
