package successive

import (
	"strings"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// RunningTotals makes counters of sums over processes that come and go. When a process
// goes, the sum falls by its whole count, and Prometheus would take the remainder for an
// increase. So these counters grow by what the sum grew between two polls of the same
// processes, and do not change when the set of processes changes.
type RunningTotals struct {
	members string
	last    flink.Values // Sums at the last look
	totals  flink.Values // of all names there ever were
}

// Count takes the sums of the named counters over these processes, and returns the
// counters. They begin at 0, like those of any process that starts: if they began with
// the sums, a restarted sidecar would lose the counts of earlier processes, and the fall
// would look like an increase. A counter that was missing continues from its last value.
func (t *RunningTotals) Count(processes, names []string, sums flink.Aggregates) flink.Values {
	now := flink.Values{}
	for _, name := range names {
		if a, ok := sums[name]; ok {
			now[name] = a.Sum
		}
	}
	members := strings.Join(processes, "\xff")
	grew := members == t.members && !t.fell(now)
	if t.totals == nil {
		t.totals = flink.Values{}
	}
	totals := flink.Values{}
	for name, sum := range now {
		if last, seen := t.last[name]; grew && seen {
			t.totals[name] += sum - last
		}
		totals[name] = t.totals[name]
	}
	t.members, t.last = members, now
	return totals
}

// fell reports whether a counter went back: a process restarted under its old name.
func (t *RunningTotals) fell(now flink.Values) bool {
	for name, sum := range now {
		if last, counted := t.last[name]; counted && sum < last {
			return true
		}
	}
	return false
}

// CountedNames are the metrics of a process that only grow.
func CountedNames(collectors []string) []string {
	names := []string{metricnames.CPUTime, metricnames.ClassesLoaded, metricnames.ClassesUnloaded}
	for _, collector := range collectors {
		names = append(names, metricnames.GCCount(collector), metricnames.GCTime(collector))
	}
	return names
}
