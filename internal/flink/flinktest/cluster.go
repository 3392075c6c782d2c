package flinktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// document is the object that a path answers with.
func (s *Server) document(path string) map[string]any { return object(s.answers[path].doc) }

func (s *Server) runningJob() string {
	for _, job := range objects(s.document("/jobs/overview")["jobs"]) {
		if job["state"] == flink.JobRunning {
			return job["jid"].(string)
		}
	}
	panic("flinktest: no job runs in this capture")
}

// runs reports whether the job is there and running.
func (s *Server) runs() bool {
	return s.knows(s.JobID) && s.document("/jobs/" + s.JobID)["state"] == flink.JobRunning
}

// knows reports whether the JobManager knows this job.
func (s *Server) knows(job string) bool {
	_, known := s.answers["/jobs/"+job]
	return known
}

func (s *Server) vertices() []map[string]any {
	return objects(s.document("/jobs/" + s.JobID)["vertices"])
}

// ranBefore lets the tasks have run before the capture for as long as their document says:
// the metrics that say so were not captured.
func (s *Server) ranBefore() {
	for _, vertex := range s.vertices() {
		spent, tasks := object(vertex["metrics"]), float(vertex["parallelism"])
		metrics := s.store.vertices[vertex["id"].(string)]
		for total, counted := range map[string]string{
			"accumulateBusyTimeMs": "accumulated-busy-time", "accumulateIdleTimeMs": "accumulated-idle-time",
			"accumulateBackPressuredTimeMs": "accumulated-backpressured-time",
		} {
			each := float(spent[counted]) / tasks
			metrics[total] = summary{min: each, max: each, avg: each, sum: each * tasks}
		}
	}
}

// tell sets the JobManager's clock in the job's document.
func (s *Server) tell() {
	s.document("/jobs/" + s.JobID)["now"] = integer(float64(s.capturedNow()))
}

// capturedNow is the JobManager's clock, in milliseconds: it goes on from the capture.
func (s *Server) capturedNow() int64 {
	return int64(s.capturedAt) + s.now().Sub(s.began).Milliseconds()
}

// count increases the counts in the job's document for d, like the metrics they come
// from.
func (s *Server) count(d time.Duration) {
	for _, vertex := range s.vertices() {
		rates := s.store.vertices[vertex["id"].(string)]
		io := object(vertex["metrics"])
		for _, side := range []struct{ records, bytes, rate string }{
			{"read-records", "read-bytes", "numRecordsIn" + perSecond},
			{"write-records", "write-bytes", "numRecordsOut" + perSecond},
		} {
			before := float(io[side.records])
			more := rates[side.rate].sum * d.Seconds()
			io[side.records] = integer(before + more)
			if before > 0 {
				io[side.bytes] = integer(float(io[side.bytes]) * (1 + more/before))
			}
		}
	}
}

// Edit changes the document that a path answers with, which must be an object.
func (s *Server) Edit(path string, change func(document map[string]any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.document(path))
}

// EditJob changes the document of the running job.
func (s *Server) EditJob(change func(job map[string]any)) { s.Edit("/jobs/"+s.JobID, change) }

// Answer makes a path answer with this JSON text from now on.
func (s *Server) Answer(path string, status int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[path] = answer{status: status, doc: json.RawMessage(text)}
}

// SetVersion makes the JobManager report another version. One before 1.19 has
// no profiler.
func (s *Server) SetVersion(version string) {
	for _, path := range []string{"/overview", "/config"} {
		s.Edit(path, func(document map[string]any) { document["flink-version"] = version })
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !flink.ParseVersion(version).Profiling() {
		s.removeProfiler()
	}
}

// SetJobState puts the job and its tasks into a state, for example
// "RESTARTING".
func (s *Server) SetJobState(state string) {
	s.Edit("/jobs/overview", func(document map[string]any) {
		for _, job := range objects(document["jobs"]) {
			if job["jid"] == s.JobID {
				job["state"] = state
			}
		}
	})
	tasks := "CREATED"
	if state == "RUNNING" {
		tasks = state
	}
	s.EditJob(func(job map[string]any) {
		job["state"] = state
		for _, vertex := range objects(job["vertices"]) {
			vertex["status"] = tasks
			vertex["tasks"] = map[string]any{tasks: vertex["parallelism"]}
		}
	})
}

// SetMetric gives every subtask of a vertex its own value of a metric. A value may be
// NaN. Without values the metric is removed.
func (s *Server) SetMetric(vertex, name string, perSubtask ...float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(perSubtask) == 0 {
		delete(s.store.vertices[vertex], name)
		return
	}
	s.store.vertices[vertex][name] = over(perSubtask...)
}

// FinishSubtasks lets these subtasks of a vertex finish; the others go on to run.
func (s *Server) FinishSubtasks(vertex string, indexes ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.vertices() {
		if v["id"] != vertex {
			continue
		}
		parallelism := int(float(v["parallelism"]))
		v["tasks"] = map[string]any{
			"FINISHED": integer(float64(len(indexes))),
			"RUNNING":  integer(float64(parallelism - len(indexes))),
		}
		s.finished[vertex] = nil
		for i := range parallelism {
			status := "RUNNING"
			if slices.Contains(indexes, i) {
				status = "FINISHED"
			}
			s.finished[vertex] = append(s.finished[vertex],
				map[string]any{"subtask": i, "status": status, "taskmanager-id": "tm1"})
		}
	}
}

// SetJobMetric sets a metric of the job, as the text Flink would give.
func (s *Server) SetJobMetric(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.job[name] = value
}

// SetJobManagerMetric sets a metric of the JobManager, as the text Flink would
// give.
func (s *Server) SetJobManagerMetric(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.jobManager[name] = value
}

// SetTaskManagerMetric sets a metric of one TaskManager. An empty value is one
// that is not reported.
func (s *Server) SetTaskManagerMetric(id, name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if value == "" {
		delete(s.store.taskManagers[id], name)
		return
	}
	s.store.taskManagers[id][name] = value
}

// Freeze makes the metric store stand still, as a real one may for ten minutes after a
// TaskManager died, or continue.
func (s *Server) Freeze(frozen bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = frozen
}

// ForgetJobs is a restart of a JobManager without high availability.
func (s *Server) ForgetJobs() {
	s.Edit("/jobs/overview", func(document map[string]any) { document["jobs"] = []any{} })
	s.Edit("/overview", func(document map[string]any) { document["jobs-running"] = 0 })
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.answers, "/jobs/"+s.JobID)
	s.store.job, s.store.vertices = nil, nil
}

// LoseTaskManager takes a TaskManager away from the list and the store.
func (s *Server) LoseTaskManager(id string) {
	s.Edit("/taskmanagers", func(document map[string]any) {
		kept := []any{}
		for _, taskManager := range objects(document["taskmanagers"]) {
			if taskManager["id"] != id {
				kept = append(kept, taskManager)
			}
		}
		document["taskmanagers"] = kept
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.store.taskManagers, id)
}

// Resize generates a cluster of another size: the job runs at a parallelism on
// so many TaskManagers, each subtask and TaskManager like the average captured.
func (s *Server) Resize(parallelism, taskManagers int) {
	s.EditJob(func(job map[string]any) {
		for _, vertex := range objects(job["vertices"]) {
			vertex["parallelism"] = parallelism
			vertex["tasks"] = map[string]any{"RUNNING": parallelism}
		}
		for _, metrics := range s.store.vertices {
			for name, total := range metrics {
				total.sum = total.avg * float64(parallelism)
				metrics[name] = total
			}
		}
	})
	s.Edit("/overview", func(document map[string]any) { document["taskmanagers"] = taskManagers })
	s.Edit("/taskmanagers", func(document map[string]any) {
		one := objects(document["taskmanagers"])[0]
		values := s.store.taskManagers[one["id"].(string)]
		listed := []any{}
		s.store.taskManagers = map[string]map[string]string{}
		for i := range taskManagers {
			copied := maps.Clone(one)
			id := fmt.Sprintf("tm-%04d", i)
			copied["id"] = id
			listed = append(listed, copied)
			s.store.taskManagers[id] = maps.Clone(values)
		}
		document["taskmanagers"] = listed
	})
}

// AddVertex adds a copy of the job's last vertex with another id and name; it reads from
// the source.
func (s *Server) AddVertex(id, name string) {
	s.EditJob(func(job map[string]any) {
		vertices := objects(job["vertices"])
		copied := maps.Clone(vertices[len(vertices)-1])
		original := copied["id"].(string)
		copied["id"], copied["name"] = id, name
		copied["metrics"] = maps.Clone(object(copied["metrics"]))
		job["vertices"] = append(list(job["vertices"]), copied)
		plan := object(job["plan"])
		plan["nodes"] = append(list(plan["nodes"]), map[string]any{
			"id": id, "inputs": []any{map[string]any{"id": s.Vertices[0], "ship_strategy": "HASH"}},
		})
		s.store.vertices[id] = maps.Clone(s.store.vertices[original])
	})
}

// AddJob lists another running job under a name. Its details are not found.
func (s *Server) AddJob(id, name string, start int64) {
	s.Edit("/jobs/overview", func(document map[string]any) {
		document["jobs"] = append(list(document["jobs"]), map[string]any{
			"jid": id, "name": name, "state": "RUNNING", "start-time": start, "end-time": -1,
		})
	})
}
