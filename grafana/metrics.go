package grafana

import "github.com/prometheus/client_golang/prometheus"

// Collector returns the notifier's metrics.
func (a *Notifier) Collector() prometheus.Collector { return a.results }

// The results of an announcement, as label values. A removed second annotation counts in
// addition to the announcement's own result.
const (
	resultCreated   = "created"
	resultUpdated   = "updated"
	resultUnchanged = "unchanged"
	resultRemoved   = "removed"
	resultFailed    = "failed"
	resultCapped    = "capped"
	resultPruned    = "pruned"
)

func newResults() *prometheus.CounterVec {
	results := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "flink_sidecar_annotations_total",
		Help: "Annotations in Grafana by result. Removed counts deleted second ones, pruned those that were " +
			"too old, and capped those that were not made because there were too many within an hour.",
	}, []string{"result"})
	for _, result := range []string{
		resultCreated, resultUpdated, resultUnchanged, resultRemoved, resultFailed, resultCapped, resultPruned,
	} {
		results.WithLabelValues(result)
	}
	return results
}
