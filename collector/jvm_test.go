package collector

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// oneRequest is what fits into a request beside a path of 300 bytes.
const oneRequest = 3200

func queryLength(names []string) int {
	length := 0
	for _, name := range names {
		length += len(url.QueryEscape(name)) + 1
	}
	return length
}

// TestProcessesTakeOneRequest checks that the names of one process, and those over all,
// fit into one request, with any listed collectors.
func TestProcessesTakeOneRequest(t *testing.T) {
	var listed []string
	for i := range 100 {
		listed = append(listed, metricnames.GCTime(fmt.Sprintf("%0*d", metricnames.MaxCollectorName, i)))
	}
	odd := metricnames.CollectorsIn(listed)
	require.Len(t, odd, metricnames.MaxCollectors)
	require.Less(t, queryLength(metricnames.ProcessNames(false, append(odd, metricnames.GarbageCollectors()...))),
		oneRequest+270, "the JobManager's path is short")
	require.Less(t, queryLength(metricnames.ProcessNames(true, odd)), oneRequest)
	require.Less(t, queryLength(metricnames.ProcessNames(true, metricnames.GarbageCollectors())), oneRequest)
	require.Less(t, queryLength(metricnames.SumNames(nil, nil)), oneRequest)
}

func TestCollectorsIn(t *testing.T) {
	require.Equal(t, []string{"Copy", "MarkSweepCompact"}, metricnames.CollectorsIn([]string{
		metricnames.GCTime("MarkSweepCompact"), metricnames.GCTime("Copy"), metricnames.GCTime("Copy"),
		metricnames.GCCount("Only_Count"), metricnames.GCTime("All"),
		metricnames.GCTime("a.b"), metricnames.GCTime(""), metricnames.GCTime("a\nb"),
		metricnames.GCTime(strings.Repeat("x", 33)), "Time", metricnames.CPUTime,
	}))
}

// TestUnlistedCollector has a JVM of another vendor: its collectors are found in
// the list of the TaskManagers' metrics, for the JobManager too.
func TestUnlistedCollector(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	for _, tm := range []string{"tm1", "tm2"} {
		l.SetTaskManagerMetric(tm, metricnames.GCTime("scavenge"), "1500")
		l.SetTaskManagerMetric(tm, metricnames.GCCount("scavenge"), "3")
	}
	l.SetJobManagerMetric(metricnames.GCTime("scavenge"), "500")
	l.first()
	l.shows(1.5, "flink_tm_gc_seconds_total", "gc", "scavenge", "taskmanager", "tm1")
	l.shows(0, "flink_cluster_tm_gc_seconds_total", "gc", "scavenge")
	l.shows(0, "flink_cluster_tm_gc_collections_total", "gc", "scavenge")
	l.shows(0.5, "flink_jm_gc_seconds_total", "gc", "scavenge")
	l.SetTaskManagerMetric("tm1", metricnames.GCTime("scavenge"), "2500")
	l.next()
	l.shows(1, "flink_cluster_tm_gc_seconds_total", "gc", "scavenge")
	for _, family := range []string{
		"flink_tm_gc_seconds_total", "flink_cluster_tm_gc_seconds_total",
		"flink_jm_gc_seconds_total",
	} {
		_, ok := l.value(family, "gc", metricnames.EveryCollector)
		require.False(t, ok, "the sum over all collectors is none")
	}
}

// TestTaskManagersComeAndGo has sums that fall and rise with them: the counters do not.
func TestTaskManagersComeAndGo(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	set := func(tm, seconds string) {
		l.SetTaskManagerMetric(tm, metricnames.GCTime("G1_Young_Generation"), seconds+"000")
	}
	gc := func(want float64) {
		t.Helper()
		l.next()
		l.shows(want, "flink_cluster_tm_gc_seconds_total", "gc", "G1_Young_Generation")
	}
	set("tm1", "10")
	set("tm2", "100")
	gc(0)
	set("tm1", "12")
	gc(2)
	l.LoseTaskManager("tm2")
	gc(2)
	set("tm1", "15")
	gc(5)
	set("tm1", "1") // the process started anew under its old name
	gc(5)
	set("tm1", "4")
	gc(8)
}
