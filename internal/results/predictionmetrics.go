package results

import (
	"github.com/prometheus/client_golang/prometheus"
)

var (
	outcomesDesc = prometheus.NewDesc("flink_sidecar_prediction_outcomes",
		"Findings of the newest 1,000 episodes with advice by what came of them. Only hit is a success; unmeasurable "+
			"and unattributed say nothing of the finding.", []string{"category", "source", "result"}, nil)
	hitRateDesc = prometheus.NewDesc("flink_sidecar_prediction_hit_ratio_bound",
		"Bounds of the 95 % interval of the share of hits among the findings that could be measured.",
		[]string{"category", "source", "bound"}, nil)
)

// Describe implements prometheus.Collector.
func (p *Predictions) Describe(ch chan<- *prometheus.Desc) {
	ch <- outcomesDesc
	ch <- hitRateDesc
}

// Collect implements prometheus.Collector. A kind without an outcome has no series.
func (p *Predictions) Collect(ch chan<- prometheus.Metric) {
	records := p.records.Load()
	if records == nil {
		return
	}
	type labels [2]string
	seen := map[labels]bool{} // shortened labels may be equal, series must not
	for kind, record := range *records {
		at := labels{short(kind.Category), short(kind.Source)}
		if seen[at] || len(seen) == maxChanges {
			continue
		}
		seen[at] = true
		for result, n := range record.Results {
			ch <- prometheus.MustNewConstMetric(outcomesDesc, prometheus.GaugeValue, float64(n), at[0], at[1],
				short(string(result)))
		}
		if record.Judged() == 0 {
			continue
		}
		low, high := record.HitRate()
		ch <- prometheus.MustNewConstMetric(hitRateDesc, prometheus.GaugeValue, low, at[0], at[1], "low")
		ch <- prometheus.MustNewConstMetric(hitRateDesc, prometheus.GaugeValue, high, at[0], at[1], "high")
	}
}
