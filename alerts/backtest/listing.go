package backtest

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// lookback is how long a subject is known after its last series, because the samples of a file may
// have different times. It is that of Prometheus.
const lookback = 5 * time.Minute

// listing is which jobs and TaskManagers Flink knew, by the pages: each with the time of its last
// series.
type listing map[snapshot.Labels]time.Time

// tell tells the trends what a page lists, as each poll of the running sidecar does.
func (l listing) tell(trends *alerts.Trends, page recorded.Page) {
	trends.Now = func() time.Time { return page.At }
	for cluster := range l.note(page) {
		trends.Listed(cluster, func(labels snapshot.Labels) bool { return l.knows(labels, page.At) })
	}
}

// note takes a page over, and returns the clusters that are on it.
func (l listing) note(page recorded.Page) (clusters map[string]bool) {
	clusters = map[string]bool{}
	for _, s := range page.Series {
		of, ended, ok := signal.Living(s)
		switch {
		case !ok:
			continue
		case ended:
			delete(l, of)
		default:
			l[of] = page.At
		}
		clusters[of.Cluster] = true
	}
	return clusters
}

// knows reports whether Flink knew the subject of a trend at a time.
func (l listing) knows(labels snapshot.Labels, at time.Time) bool {
	of := snapshot.Labels{Cluster: labels.Cluster, Job: labels.Job}
	switch {
	case labels.Process != "":
		of = snapshot.Labels{Cluster: labels.Cluster, Process: labels.Process}
	case labels.Job == "":
		return true // of a probe whose job is not known
	}
	last, seen := l[of]
	return seen && at.Sub(last) <= lookback
}
