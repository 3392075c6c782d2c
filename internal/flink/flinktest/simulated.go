package flinktest

import (
	"math"
	"slices"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest/simulate"
)

// Simulate replaces the captured job by a simulated one, which starts now. The cluster
// around it stays the captured one.
func (s *Server) Simulate(job *simulate.Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.job = job
	s.Vertices = nil
	for _, v := range job.Vertices {
		s.Vertices = append(s.Vertices, v.ID)
	}
	s.began = s.now()
	s.job.Start()
	s.fetchSimulated()
	s.fetched = s.now()
}

// Misreport makes the job's document tell another parallelism of every vertex than its
// metrics are of, as in the middle of a change of scale.
func (s *Server) Misreport(parallelism int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.misreported = parallelism
}

// drive brings the simulated job to the present, and its state into the documents that
// Flink answers from its own memory.
func (s *Server) drive() {
	if s.job == nil {
		return
	}
	s.job.Run((s.now().Sub(s.began) - s.job.Since()).Round(simulate.Step))
	document := s.document("/jobs/" + s.JobID)
	state := flink.JobRunning
	if s.job.Down() {
		state = "RESTARTING"
	}
	document["state"] = state
	for _, job := range objects(s.document("/jobs/overview")["jobs"]) {
		if job["jid"] == s.JobID {
			job["state"] = state
		}
	}
	vertices, nodes := []any{}, []any{}
	for _, v := range s.job.Vertices {
		vertices = append(vertices, s.simulatedVertex(v))
		inputs := []any{}
		for _, e := range v.Inputs {
			inputs = append(inputs, map[string]any{"id": e.From, "ship_strategy": "HASH"})
		}
		nodes = append(nodes, map[string]any{"id": v.ID, "inputs": inputs})
		s.finished[v.ID] = s.simulatedSubtasks(v)
	}
	document["vertices"] = vertices
	document["plan"] = map[string]any{"nodes": nodes}
	s.driveCheckpoints()
}

// simulatedVertex is the entry of a vertex in the job's document. The counts are as of the
// last fetch.
func (s *Server) simulatedVertex(v simulate.Vertex) map[string]any {
	tasks := map[string]any{}
	for _, t := range s.job.Subtasks(v.ID) {
		status := "RUNNING"
		switch {
		case s.job.Down():
			status = "CREATED"
		case t.Finished:
			status = "FINISHED"
		}
		before, _ := tasks[status].(int)
		tasks[status] = before + 1
	}
	parallelism := v.Parallelism
	if s.misreported != 0 {
		parallelism = s.misreported
		tasks = map[string]any{"RUNNING": parallelism}
	}
	metrics := s.store.vertices[v.ID]
	count := func(name string) any { return integer(math.Floor(metrics[name].sum)) }
	complete := metrics != nil && !s.job.Down()
	return map[string]any{
		"id": v.ID, "name": v.Name, "parallelism": parallelism, "status": "RUNNING", "tasks": tasks,
		"metrics": map[string]any{
			"read-records": count("numRecordsIn"), "read-records-complete": complete,
			"write-records": count("numRecordsOut"), "write-records-complete": complete,
			"read-bytes": count("numRecordsIn"), "read-bytes-complete": complete,
			"write-bytes": count("numRecordsOut"), "write-bytes-complete": complete,
		},
	}
}

// simulatedSubtasks are the entries of the subtasks in a vertex's document.
func (s *Server) simulatedSubtasks(v simulate.Vertex) []map[string]any {
	var all []map[string]any
	for i, t := range s.job.Subtasks(v.ID) {
		status := "RUNNING"
		if t.Finished {
			status = "FINISHED"
		}
		all = append(all, map[string]any{
			"subtask": i, "status": status, "attempt": s.job.Restarted(), "taskmanager-id": "tm" + strconv.Itoa(1+i%2),
			"duration": t.Age.Milliseconds(),
			"metrics": map[string]any{
				"read-records": math.Floor(t.In), "read-records-complete": true,
				"write-records": math.Floor(t.Out), "write-records-complete": true,
				"read-bytes": 0, "read-bytes-complete": true, "write-bytes": 0, "write-bytes-complete": true,
				"accumulated-busy-time": math.Floor(1000 * t.Busy),
			},
		})
	}
	return all
}

// fetchSimulated fills the store with what the tasks report now. A task that has finished
// keeps what it reported last, and a job that restarts has no tasks.
func (s *Server) fetchSimulated() {
	s.store.job["uptime"] = format(float64(s.job.Uptime().Milliseconds()))
	s.store.job["runningTime"] = format(float64(s.job.Since().Milliseconds()))
	s.store.job["numRestarts"] = strconv.Itoa(s.job.Restarted())
	s.store.vertices = map[string]map[string]summary{}
	if s.job.Down() {
		return
	}
	for _, v := range s.job.Vertices {
		s.store.vertices[v.ID] = s.reported(v)
	}
}

// reported are the metrics of a vertex, as its version of Flink names and counts them.
func (s *Server) reported(v simulate.Vertex) map[string]summary {
	reports := map[string][]float64{}
	add := func(name string, value float64) { reports[name] = append(reports[name], value) }
	countsSources := flink.ParseVersion(s.version).Major >= 2
	for i, t := range s.job.Subtasks(v.ID) {
		busy, idle, backpressured := t.Shares()
		accumulated := math.Floor(1000 * t.Busy)
		if v.Legacy {
			busy, accumulated = math.NaN(), math.NaN()
		}
		add("busyTimeMsPerSecond", busy)
		add("idleTimeMsPerSecond", idle)
		add("backPressuredTimeMsPerSecond", backpressured)
		add("accumulateBusyTimeMs", accumulated)
		add("accumulateIdleTimeMs", math.Floor(1000*t.Idle))
		add("accumulateBackPressuredTimeMs", math.Floor(1000*t.Backpressured))
		in, out := t.Rates()
		if v.Source() {
			operator := "Source__" + v.Name
			add(operator+".numRecordsIn", math.Floor(t.In))
			add(operator+".numRecordsInPerSecond", in)
			// Each subtask reads one partition, of a topic that was empty at the start.
			reports[operator+".KafkaSourceReader.topic."+v.Name+".partition."+strconv.Itoa(i)+".currentOffset"] = []float64{
				math.Floor(t.Read) - 1,
			}
			if !v.HidesPending {
				add(operator+".pendingRecords", t.Pending)
			}
		}
		counted, rate := math.Floor(t.In), in
		if v.Source() && !countsSources {
			counted, rate = 0, 0
		}
		add("numRecordsIn", counted)
		add("numRecordsInPerSecond", rate)
		add("numRecordsOut", math.Floor(t.Out))
		add("numRecordsOutPerSecond", out)
	}
	metrics := map[string]summary{}
	for name, values := range reports {
		metrics[name] = over(slices.Clone(values)...)
	}
	return metrics
}
