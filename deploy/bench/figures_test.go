package main

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeFlink answers as a cluster with one TaskManager and one job of two vertices does. A
// list of names is too long for one request.
func fakeFlink(t *testing.T, parallelism int) string {
	t.Helper()
	subtasks := make([]map[string]int, parallelism)
	for i := range subtasks {
		subtasks[i] = map[string]int{"subtask": i}
	}
	id := func(ids ...string) (list []map[string]string) {
		for _, one := range ids {
			list = append(list, map[string]string{"id": one})
		}
		return list
	}
	answers := map[string]any{
		"/taskmanagers": map[string]any{"taskmanagers": id("tm-1")},
		"/jobs": map[string]any{"jobs": []any{
			map[string]string{"id": "j", "status": "RUNNING"},
			map[string]string{"id": "old", "status": "FAILED"},
		}},
		"/jobs/j": map[string]any{"vertices": id("v", "w")},
	}
	for _, vertex := range []string{"v", "w"} {
		answers["/jobs/j/vertices/"+vertex] = map[string]any{"subtasks": subtasks}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, known := answers[r.URL.Path]
		if strings.HasSuffix(r.URL.Path, "/metrics") {
			answer, known = id(strings.Repeat("a", 2000), strings.Repeat("b", 2000)), true
		}
		if !known || len(r.URL.RequestURI()) > 4000 {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(answer) // the client may have disconnected
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Three requests list names and get values, because of their length. They are asked of
// JobManager, TaskManager and job, and of each vertex or each of its subtasks.
func TestPeer(t *testing.T) {
	const processes, structure = 3, 3 // /taskmanagers, /jobs, /jobs/j
	for _, tc := range []struct {
		name     string
		poll     func(*peer, context.Context) error
		requests int
	}{
		{"each subtask", (*peer).perSubtask, structure + 3*processes + 2*(1+3*8)},
		{"aggregated", (*peer).aggregated, structure + 3*processes + 2*3},
		{"one request", (*peer).touch, 1},
	} {
		p := &peer{url: fakeFlink(t, 8)}
		require.NoError(t, tc.poll(p, t.Context()), tc.name)
		require.Equal(t, tc.requests, p.requests, tc.name)
	}
	p := &peer{url: fakeFlink(t, 1) + "/elsewhere"}
	require.EqualError(t, p.perSubtask(t.Context()), "GET /taskmanagers: 404 Not Found")
}

func TestCPUTime(t *testing.T) {
	before, err := cpuTime(os.Getpid())
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		now, err := cpuTime(os.Getpid())
		return err == nil && now > before
	}, 10*time.Second, time.Millisecond)
	_, err = cpuTime(math.MaxInt32 >> 4)
	require.ErrorContains(t, err, "CPU time of process 134217727: ")
}

func TestResidentBytes(t *testing.T) {
	resident, err := residentBytes(os.Getpid())
	require.NoError(t, err)
	require.Greater(t, resident, int64(1<<20))
}

func TestMedian(t *testing.T) {
	require.Equal(t, 2, median([]int{3, 1, 2}))
	require.Equal(t, 2, median([]int{4, 1, 3, 2}), "the lower of two")
	require.Zero(t, median[int](nil))
}

func TestLess(t *testing.T) {
	require.Equal(t, "5.3", less(true, 256*time.Millisecond, 48*time.Millisecond))
	require.Equal(t, "-", less(true, time.Second, -time.Millisecond), "below what an idle JobManager uses")
	require.Equal(t, "-", less(false, time.Second, time.Second))
}
