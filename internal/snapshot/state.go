package snapshot

import "slices"

// JobManager is the process name of the JobManager. The name of any other process is the id
// of its TaskManager.
const JobManager = "jobmanager"

// State is the known state of one cluster at one moment.
type State struct {
	Cluster Cluster
	// Known is false until Flink has answered, and again after Flink has not answered for
	// three poll intervals.
	Known bool
	// Jobs are sorted by name, one per name; TaskManagers are sorted by id.
	Jobs         []Job
	TaskManagers []TaskManager
}

// Job returns the job with that name; ok is false if Flink does not list it.
func (s State) Job(name string) (job Job, ok bool) {
	at := slices.IndexFunc(s.Jobs, func(j Job) bool { return j.Name == name })
	if at < 0 {
		return Job{}, false
	}
	return s.Jobs[at], true
}

// HasProcess reports whether a process belongs to the cluster.
func (s State) HasProcess(id string) bool {
	return id == JobManager || slices.ContainsFunc(s.TaskManagers, func(tm TaskManager) bool { return tm.ID == id })
}

// Vertex returns the vertex with that id; ok is false if the job has none.
func (j Job) Vertex(id string) (v Vertex, ok bool) {
	at := slices.IndexFunc(j.Vertices, func(v Vertex) bool { return v.ID == id })
	if at < 0 {
		return Vertex{}, false
	}
	return j.Vertices[at], true
}
