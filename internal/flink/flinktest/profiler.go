package flinktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// profiler is the profiler of every process of the cluster, as of Flink 1.19.
type profiler struct {
	page []byte
	runs map[string][]*profilerRun // by process, newest first
}

// profilerRun is a run as Flink writes it.
type profilerRun struct {
	Status      string  `json:"status"`
	Mode        string  `json:"mode"`
	TriggerTime int64   `json:"triggerTime"`
	Finished    *int64  `json:"finishedTime"`
	Duration    int     `json:"duration"`
	Message     *string `json:"message"`
	OutputFile  *string `json:"outputFile"`
}

// EnableProfiler sets rest.profiling.enabled: every profile of any process is the given
// page. Before, the profiler's paths are not found.
func (s *Server) EnableProfiler(page []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.profiler = &profiler{page: page, runs: map[string][]*profilerRun{}}
}

// DisableProfiling unsets rest.profiling.enabled and rest.flamegraph.enabled.
func (s *Server) DisableProfiling() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flameGraph = nil
	s.removeProfiler()
}

// removeProfiler leaves the profiler's paths without an answer.
func (s *Server) removeProfiler() {
	s.profiler = nil
	maps.DeleteFunc(s.answers, func(path string, _ answer) bool { return strings.HasSuffix(path, "/profiler") })
}

// EnableFlameGraphs sets rest.flamegraph.enabled: the flame graph of every vertex is the
// given one, from the second request on; all its threads run.
func (s *Server) EnableFlameGraphs(graph []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flameGraph = &flameGraph{graph: graph, asked: map[string]bool{}}
}

// flameGraph is Flink's flame graph of any vertex.
type flameGraph struct {
	graph []byte
	asked map[string]bool // by vertex
}

func (f *flameGraph) of(vertex, kind string) (status int, body []byte, ok bool) {
	if f == nil { // as Flink answers while it is disabled
		return http.StatusOK, []byte(`{"endTimestamp":-2}`), true
	}
	if !f.asked[vertex] {
		f.asked[vertex] = true
		return http.StatusOK, []byte(`{"endTimestamp":-3}`), true
	}
	if kind == "OFF_CPU" {
		return http.StatusOK, []byte(`{"endTimestamp":1795374434657,"data":{"name":"root","value":0,"children":[]}}`), true
	}
	return http.StatusOK, f.graph, true
}

// ProfilesBegun is how many profiles of any process were begun.
func (s *Server) ProfilesBegun() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	if s.profiler != nil {
		for _, runs := range s.profiler.runs {
			n += len(runs)
		}
	}
	return n
}

var (
	profilerPath = regexp.MustCompile(`^/(?:(jobmanager)|taskmanagers/([^/]+))/profiler(?:/([^/]+))?$`)
	vertexPath   = regexp.MustCompile(`^/jobs/([^/]+)/vertices/([^/]+)(?:/(backpressure|flamegraph))?$`)
)

// profile answers requests to the profiler, and the requests that choose a process to
// profile. The caller holds the lock.
func (s *Server) profile(r *http.Request) (status int, body []byte, ok bool) {
	if found := vertexPath.FindStringSubmatch(r.URL.Path); found != nil && found[1] == s.JobID &&
		slices.Contains(s.Vertices, found[2]) {
		if found[3] == "flamegraph" {
			return s.flameGraph.of(found[2], r.URL.Query().Get("type"))
		}
		return http.StatusOK, encode(s.subtasks(found[2], found[3] != "")), true
	}
	found := profilerPath.FindStringSubmatch(r.URL.Path)
	if found == nil || s.profiler == nil {
		return 0, nil, false
	}
	process, file := found[1]+found[2], found[3]
	s.profiler.settle(process, s.now())
	switch {
	case file != "":
		return http.StatusOK, s.profiler.page, true
	case r.Method == http.MethodPost:
		status, body = s.profiler.begin(r, process, s.now())
		return status, body, true
	}
	return http.StatusOK, encode(map[string]any{"profilingList": append([]*profilerRun{},
		s.profiler.runs[process]...)}), true
}

// begin starts a run unless one is in progress.
func (p *profiler) begin(r *http.Request, process string, now time.Time) (status int, body []byte) {
	var request struct {
		Mode     string `json:"mode"`
		Duration int    `json:"duration"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		return http.StatusBadRequest, encode(map[string]any{"errors": []string{"Bad request received."}})
	}
	if runs := p.runs[process]; len(runs) > 0 && runs[0].Status == "RUNNING" {
		trace := fmt.Sprintf("<Exception on server side:\njava.lang.IllegalStateException: %s is still under "+
			"profiling.\n\tat org.apache.flink.runtime.util.profiler.ProfilingService.requestProfiling"+
			"(ProfilingService.java:95)\nEnd of exception on server side>", process)
		return http.StatusInternalServerError,
			encode(map[string]any{"errors": []string{"Internal server error.", trace}})
	}
	run := &profilerRun{
		Status: "RUNNING", Mode: request.Mode, TriggerTime: now.UnixMilli(),
		Duration: request.Duration,
	}
	p.runs[process] = append([]*profilerRun{run}, p.runs[process]...)
	return http.StatusOK, encode(run)
}

// settle ends the runs whose time is over.
func (p *profiler) settle(process string, now time.Time) {
	for _, run := range p.runs[process] {
		end := run.TriggerTime + int64(run.Duration)*1000
		if run.Status == "RUNNING" && now.UnixMilli() >= end {
			file := fmt.Sprintf("%s_%s_%d.html", process, run.Mode, run.TriggerTime)
			run.Status, run.Finished, run.OutputFile = "FINISHED", &end, &file
		}
	}
}

// ranBefore is for how long the subtasks had run at the capture, in
// milliseconds.
const ranBefore = 160_000

// subtasks spreads a vertex over the TaskManagers, one subtask each; the first is
// the busiest.
func (s *Server) subtasks(vertex string, load bool) any {
	var out []map[string]any
	if finished := s.finished[vertex]; finished != nil {
		return map[string]any{"now": s.capturedNow(), "subtasks": finished}
	}
	passed := s.now().Sub(s.began).Milliseconds()
	for i, tm := range objects(s.document("/taskmanagers")["taskmanagers"]) {
		if load {
			out = append(out, map[string]any{"subtask": i, "busyRatio": 0.9 / float64(i+1)})
			continue
		}
		ran := ranBefore + passed
		out = append(out, map[string]any{
			"subtask": i, "status": "RUNNING", "taskmanager-id": tm["id"], "attempt": 0, "duration": ran,
			"metrics": map[string]any{
				"read-records": ran / int64(i+1), "read-records-complete": true,
				"accumulated-busy-time": 0.9 * float64(ran) / float64(i+1),
			},
		})
	}
	return map[string]any{"now": s.capturedNow() + passed, "subtasks": out}
}
