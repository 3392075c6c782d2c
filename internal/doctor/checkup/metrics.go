package checkup

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

var (
	okDesc = prometheus.NewDesc("flink_sidecar_check_ok",
		"1 if a check of sidecar doctor found nothing to repair or improve, else 0. The worst of several things that "+
			"have the check counts. A check that could not be made is absent.", []string{"check"}, nil)
	checksDesc = prometheus.NewDesc("flink_sidecar_checks",
		"Checks of sidecar doctor by their last state: ok, warning, failed or unknown. Absent before the first checks.",
		[]string{"state"}, nil)
	atDesc = prometheus.NewDesc("flink_sidecar_checks_timestamp_seconds",
		"When the checks of sidecar doctor were made last, in Unix time. Absent before the first checks.", nil, nil)
)

// Describe implements prometheus.Collector.
func (c *Checkup) Describe(ch chan<- *prometheus.Desc) {
	ch <- okDesc
	ch <- checksDesc
	ch <- atDesc
}

// Collect implements prometheus.Collector.
func (c *Checkup) Collect(ch chan<- prometheus.Metric) {
	at, results := c.Last()
	if at.IsZero() {
		return
	}
	for name, state := range worst(results) {
		switch state {
		case check.OK:
			ch <- prometheus.MustNewConstMetric(okDesc, prometheus.GaugeValue, 1, name)
		case check.Warning, check.Failed:
			ch <- prometheus.MustNewConstMetric(okDesc, prometheus.GaugeValue, 0, name)
		}
	}
	for _, state := range severity {
		n := check.Count(results, state)
		ch <- prometheus.MustNewConstMetric(checksDesc, prometheus.GaugeValue, float64(n), string(state))
	}
	ch <- prometheus.MustNewConstMetric(atDesc, prometheus.GaugeValue, float64(at.UnixMilli())/1000)
}

// severity is the order in which one state hides another: what is known to be wrong counts
// more than what is not known.
var severity = []check.State{check.OK, check.Unknown, check.Warning, check.Failed}

// worst combines the results of each check.
func worst(results []check.Result) map[string]check.State {
	rank := map[check.State]int{}
	for i, state := range severity {
		rank[state] = i
	}
	out := map[string]check.State{}
	for _, r := range results {
		if before, seen := out[r.Check]; !seen || rank[r.State] > rank[before] {
			out[r.Check] = r.State
		}
	}
	return out
}
