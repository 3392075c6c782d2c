package alerts

import "github.com/prometheus/client_golang/prometheus"

// labelNames are those of Labels, after the name of the rule.
var labelNames = []string{"rule", "cluster", "job", "vertex", "process"}

var (
	breachDesc = prometheus.NewDesc("flink_sidecar_trend_breach_seconds",
		"Time until the trend line of a signal passes the rule's limit: bound=point for the line, bound=low and "+
			"bound=high for the edges of its interval. All are 0 while the signal is above the limit; absent when "+
			"the line does not approach the limit or is not known.",
		append([]string{"bound"}, labelNames...), nil)
	firingDesc = prometheus.NewDesc("flink_sidecar_trend_firing",
		"1 while a trend rule fires, else 0.", labelNames, nil)
	samplesDesc = prometheus.NewDesc("flink_sidecar_trend_samples",
		"Samples that the trend line is fitted to. With too few of them the trend is not known.", labelNames, nil)
)

// Describe is part of prometheus.Collector.
func (t *Trends) Describe(out chan<- *prometheus.Desc) {
	out <- breachDesc
	out <- firingDesc
	out <- samplesDesc
	t.dropped.Describe(out)
}

// Collect exports the trends of the last evaluation.
func (t *Trends) Collect(out chan<- prometheus.Metric) {
	t.dropped.Collect(out)
	for _, trend := range t.All() {
		l := trend.Labels
		gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
			labels = append(labels, trend.Rule, l.Cluster, l.Job, l.Vertex, l.Process)
			out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
		}
		firing := 0.0
		if trend.Firing {
			firing = 1
		}
		gauge(firingDesc, firing)
		gauge(samplesDesc, float64(trend.Samples))
		if b := trend.Breach; b != nil {
			gauge(breachDesc, b.Point, "point")
			gauge(breachDesc, b.Low, "low")
			gauge(breachDesc, b.High, "high")
		}
	}
}
