package collector

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// single matches the requests for the subtasks of a bottleneck, which are
// counted apart: two a minute.
var single = regexp.MustCompile(`/vertices/[^/]+$|/checkpoints/details/`)

// requests counts the requests since it was last called, without those for
// single subtasks.
func (l *lab) requests() int {
	sum := 0
	for path, n := range l.Requests() {
		if !single.MatchString(path) {
			sum += n
		}
	}
	return sum
}

// TestRequestsPerPoll generates clusters of very different size. A poll costs the same
// number of requests at any parallelism: at most 2 × vertices + 12, and one for each
// TaskManager shown in detail.
func TestRequestsPerPoll(t *testing.T) {
	for _, size := range []struct{ parallelism, taskManagers, vertices int }{
		{4, 2, 2}, {1024, 512, 2}, {4, 2, 20}, {1024, 20, 20},
	} {
		t.Run(fmt.Sprintf("%+v", size), func(t *testing.T) {
			l := newLab(t, flinktest.Flink23)
			for i := 2; i < size.vertices; i++ {
				l.AddVertex(fmt.Sprintf("%032x", i), fmt.Sprintf("vertex %d", i))
			}
			l.Resize(size.parallelism, size.taskManagers)
			details := min(size.taskManagers, 20)
			bound := 2*size.vertices + 12 + details

			l.first()
			first := l.requests()
			require.LessOrEqual(t, first, bound)
			l.shows(float64(size.parallelism), "flink_vertex_parallelism", "vertex_id", l.Vertices[1])
			l.shows(0.29325, "flink_vertex_busy_ratio", "vertex_id", l.Vertices[1])
			_, known := l.Epoch(orders)
			require.True(t, known)

			l.next()
			steady := l.requests()
			require.LessOrEqual(t, steady, bound)
			require.Len(t, l.TaskManagers(), size.taskManagers)
			_, unknown := l.value("flink_sidecar_signal_unknown")
			require.False(t, unknown)
			t.Logf("parallelism %d, %d TaskManagers, %d vertices: %d requests at the first poll, %d at "+
				"the next, bound %d",
				size.parallelism, size.taskManagers, size.vertices, first, steady, bound)
		})
	}
}

// TestRequestsStayBoundedInTrouble has every vertex list a name that no subtask
// reports, so that all answers are empty and would be halved again and again.
func TestRequestsStayBoundedInTrouble(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	for i := 2; i < 10; i++ {
		l.AddVertex(fmt.Sprintf("%032x", i), fmt.Sprintf("vertex %d", i))
	}
	l.first()
	l.requests()
	l.Break(flinktest.EmptyMetrics)
	for range 40 {
		l.next()
		require.LessOrEqual(t, l.requests(), 2*10+12+2)
	}
}

// TestScrapesAskNothing has fifty scrapers, which cause no request to Flink.
func TestScrapesAskNothing(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.first()
	l.requests()
	for range 50 {
		l.shows(1, "flink_job_up")
	}
	require.Zero(t, l.requests())
}

func TestTaskManagerDetails(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.cfg.TaskManagerDetails = 1
	l.first()
	_, ok := l.value("flink_tm_threads", "taskmanager", "tm1")
	require.True(t, ok)
	_, ok = l.value("flink_tm_threads", "taskmanager", "tm2")
	require.False(t, ok)
	l.shows(2, "flink_tm_slots", "taskmanager", "tm2")
	l.shows(178, "flink_cluster_tm_threads")
	_, ok = l.value("flink_sidecar_signal_unknown")
	require.False(t, ok, "what was not asked for is not unknown")
}
