package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// salvaged exports what came of a damaged history. Without one all are 0.
type salvaged struct{ store *history.Store }

var (
	salvagedDesc = prometheus.NewDesc("flink_sidecar_history_salvaged_entries",
		"Entries of the last damaged file of the history that this process found, by result: saved into the new one, or "+
			"unreadable.", []string{"result"}, nil)
	lostPagesDesc = prometheus.NewDesc("flink_sidecar_history_lost_pages",
		"Pages of the last damaged file of the history that could not be read, each with an unknown number of entries.",
		nil, nil)
)

// Describe implements prometheus.Collector.
func (s salvaged) Describe(ch chan<- *prometheus.Desc) {
	ch <- salvagedDesc
	ch <- lostPagesDesc
}

// Collect implements prometheus.Collector.
func (s salvaged) Collect(ch chan<- prometheus.Metric) {
	got := s.store.Salvaged()
	gauge := func(desc *prometheus.Desc, n int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), labels...)
	}
	gauge(salvagedDesc, got.Saved, "saved")
	gauge(salvagedDesc, got.Unreadable, "unreadable")
	gauge(lostPagesDesc, got.LostPages)
}
