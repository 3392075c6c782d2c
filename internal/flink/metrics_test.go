package flink_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// allow returns an Allowance of n further requests.
func allow(n int) flink.Allowance {
	return func() bool {
		n--
		return n >= 0
	}
}

func TestVertexAggregates(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	c, ctx := client(t, server.URL), t.Context()
	names, err := c.VertexNames(ctx, server.JobID, server.Vertices[0])
	require.NoError(t, err)
	require.Len(t, names, 217)

	found, err := c.VertexAggregates(ctx, server.JobID, server.Vertices[0],
		[]string{"busyTimeMsPerSecond", "numRecordsIn"}, nil)
	require.NoError(t, err)
	require.Equal(t, flink.Aggregates{
		"busyTimeMsPerSecond": {Min: 42, Max: 48, Avg: 44.75, Sum: 179},
		"numRecordsIn":        {Min: 174890, Max: 187691, Avg: 181733, Sum: 726932},
	}, found)
	n, known := found["busyTimeMsPerSecond"].Count()
	require.True(t, known)
	require.Equal(t, 4, n)
	_, known = flink.Aggregate{}.Count()
	require.False(t, known)
}

// TestBisect has one name among sixteen that no subtask reports: it is isolated in
// four halvings, and every other value arrives.
func TestBisect(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	c := client(t, server.URL)
	var names []string
	for i := range 16 {
		names = append(names, fmt.Sprintf("metric%d", i))
		if i != 9 {
			server.SetMetric(server.Vertices[0], names[i], float64(i))
		}
	}
	ask := func(more flink.Allowance) flink.Aggregates {
		t.Helper()
		found, err := c.VertexAggregates(t.Context(), server.JobID, server.Vertices[0], names, more)
		require.NoError(t, err)
		return found
	}
	require.Empty(t, ask(nil))
	require.Equal(t, map[string]int{"/jobs/" + server.JobID + "/vertices/" + server.Vertices[0] +
		"/subtasks/metrics": 1}, server.Requests())

	found := ask(allow(100))
	require.Len(t, found, 15)
	require.InDelta(t, 15, found["metric15"].Sum, 0)
	require.Equal(t, 1+2*4, total(server.Requests()))

	require.Len(t, ask(allow(3)), 8, "the first half is known when the allowance ends")
	require.Equal(t, 1+3, total(server.Requests()))
}

func total(requests map[string]int) int {
	sum := 0
	for _, n := range requests {
		sum += n
	}
	return sum
}

func TestNaNIsUnknown(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	c, vertex := client(t, server.URL), server.Vertices[0]
	server.SetMetric(vertex, "busyTimeMsPerSecond", 1, math.NaN())
	found, err := c.VertexAggregates(t.Context(), server.JobID, vertex,
		[]string{"busyTimeMsPerSecond", "idleTimeMsPerSecond"}, nil)
	require.NoError(t, err)
	require.Equal(t, flink.Aggregates{"idleTimeMsPerSecond": {Min: 952, Max: 958, Avg: 955.25, Sum: 3821}}, found)

	server.Break(flinktest.NaN)
	values, err := c.JobManagerMetrics(t.Context(), []string{"Status.JVM.CPU.Time"})
	require.NoError(t, err)
	require.Empty(t, values)
}

func TestManyNamesAreAskedInChunks(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	c, vertex := client(t, server.URL), server.Vertices[0]
	var names []string
	for i := range 200 {
		name := fmt.Sprintf("operator %03d.%s", i, strings.Repeat("é", 5))
		names = append(names, name)
		server.SetMetric(vertex, name, float64(i))
	}
	names = append(names, strings.Repeat("x", 4000), "with,comma")
	found, err := c.VertexAggregates(t.Context(), server.JobID, vertex, names, nil)
	require.NoError(t, err)
	require.Len(t, found, 200, "the two that can't be asked for are left out")
	require.Equal(t, 3, total(server.Requests()))
}

func TestProcessMetrics(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	c, ctx := client(t, server.URL), t.Context()

	values, err := c.JobManagerMetrics(ctx, []string{"Status.JVM.CPU.Time", "NoSuchMetric"})
	require.NoError(t, err)
	require.Equal(t, flink.Values{"Status.JVM.CPU.Time": 19680000000}, values)

	values, err = c.TaskManagerMetrics(ctx, "tm1", []string{"Status.JVM.Memory.Heap.Used"})
	require.NoError(t, err)
	require.Equal(t, flink.Values{"Status.JVM.Memory.Heap.Used": 184012200}, values)

	names, err := c.TaskManagerNames(ctx)
	require.NoError(t, err)
	require.Len(t, names, 40)
	found, err := c.TaskManagerAggregates(ctx, []string{"Status.JVM.Memory.Heap.Used"}, nil)
	require.NoError(t, err)
	require.Equal(t, flink.Aggregates{"Status.JVM.Memory.Heap.Used": {
		Min: 80025352, Max: 184012200, Avg: 132018776,
		Sum: 264037552,
	}}, found)
}

// TestEntriesWithoutNumbers has a proxy that drops queries: the answer has names instead
// of values. They do not count as zeros.
func TestEntriesWithoutNumbers(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	c := client(t, server.URL)
	server.Break(func(next http.Handler, _ <-chan struct{}) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.URL.RawQuery = ""
			next.ServeHTTP(w, r)
		})
	})
	found, err := c.VertexAggregates(t.Context(), server.JobID, server.Vertices[0],
		[]string{"busyTimeMsPerSecond"}, nil)
	require.NoError(t, err)
	require.Empty(t, found)
	values, err := c.JobMetrics(t.Context(), server.JobID, []string{"uptime"})
	require.NoError(t, err)
	require.Empty(t, values)
}

// TestSubtaskAggregates asks for the first of four subtasks.
func TestSubtaskAggregates(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	server.SetMetric(server.Vertices[0], "map.n", 1, 2, 30, 40)
	found, err := client(t, server.URL).
		SubtaskAggregates(t.Context(), server.JobID, server.Vertices[0], "0-1", []string{"map.n"}, nil)
	require.NoError(t, err)
	require.Equal(t, flink.Aggregates{"map.n": {Min: 1, Max: 2, Avg: 1.5, Sum: 3}}, found)
}

func TestRanges(t *testing.T) {
	require.Equal(t, "0-3,5,7-8", flink.Ranges([]int{0, 1, 2, 3, 5, 7, 8}))
	require.Equal(t, "2", flink.Ranges([]int{2}))
	require.Empty(t, flink.Ranges(nil))
}
