package alerts

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

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

var watchedDesc = prometheus.NewDesc("flink_sidecar_rule_watched_series",
	"Signals that a trend rule judges on a cluster; 0 where it watches nothing, because its signal has no sample or too "+
		"few. Absent before the first poll of the cluster.", []string{"rule", "cluster"}, nil)

var (
	outcomesDesc = prometheus.NewDesc("flink_sidecar_rule_alerts_total",
		"Alerts of a trend rule by what became of them, since the history began: true if the limit was passed later, "+
			"missed if it was passed without an alert before, false if it was not, avoided if the run, process or epoch "+
			"ended before.", []string{"rule", "outcome"}, nil)
	leadDesc = prometheus.NewDesc("flink_sidecar_rule_lead_seconds",
		"Time from an alert of a trend rule until its limit was passed; only alerts with the outcome true. "+
			"Absent while a rule has none.", []string{"rule"}, nil)
	delayDesc = prometheus.NewDesc("flink_sidecar_rule_delay_seconds",
		"How much later than an alert of a trend rule said its limit was passed, below 0 for earlier: quantiles of the "+
			"last 200 true alerts, sum and count of all; absent while a rule has none.", []string{"rule"}, nil)
)

// newFirings counts the alerts of each rule in this process. The scorecard takes back what was open when
// a process ended, so it is no counter.
func newFirings() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "flink_sidecar_rule_firings_total",
		Help: "Alerts of a trend rule since the sidecar started, whatever became of them.",
	}, []string{"rule"})
}

// Describe is part of prometheus.Collector.
func (t *Trends) Describe(out chan<- *prometheus.Desc) {
	out <- breachDesc
	out <- firingDesc
	out <- samplesDesc
	out <- watchedDesc
	out <- outcomesDesc
	out <- leadDesc
	out <- delayDesc
	t.dropped.Describe(out)
	t.firings.Describe(out)
}

// Collect exports the trends of the last evaluation.
func (t *Trends) Collect(out chan<- prometheus.Metric) {
	t.dropped.Collect(out)
	for _, score := range t.Scores() {
		t.firings.WithLabelValues(score.Rule)
		collectScore(out, score)
	}
	t.firings.Collect(out)
	for _, w := range t.Watched() {
		out <- prometheus.MustNewConstMetric(watchedDesc, prometheus.GaugeValue, float64(w.Judged), w.Rule, w.Cluster)
	}
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

func collectScore(out chan<- prometheus.Metric, s episode.RuleScore) {
	for outcome, n := range map[string]int{
		"true": s.True, "false": s.False, "avoided": s.Avoided, "missed": s.Missed,
	} {
		out <- prometheus.MustNewConstMetric(outcomesDesc, prometheus.CounterValue, float64(n), s.Rule, outcome)
	}
	if len(s.Delays) > 0 {
		quartiles := map[float64]float64{}
		for _, q := range []float64{0.25, 0.5, 0.75} {
			quartiles[q], _ = stat.Quantile(s.Delays, q)
		}
		out <- prometheus.MustNewConstSummary(delayDesc, s.LeadCount, s.DelaySum, quartiles, s.Rule)
	}
	if s.LeadCount == 0 {
		return // eleven series of each rule, of which most stay empty
	}
	buckets := map[float64]uint64{}
	for i, bound := range episode.LeadBounds() {
		buckets[bound] = 0
		if i < len(s.LeadBuckets) {
			buckets[bound] = s.LeadBuckets[i]
		}
	}
	out <- prometheus.MustNewConstHistogram(leadDesc, s.LeadCount, s.LeadSum, buckets, s.Rule)
}
