package exposition

import (
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Job is a job as it is exported: the snapshot, and what only the page shows.
type Job struct {
	snapshot.Job
	// VertexViews are the vertices of the job.
	VertexViews []Vertex
	// Checkpointing is false if Flink says that the job takes no checkpoints.
	Checkpointing bool

	// InState is for how many seconds the job has been in each state now, OfState in
	// total.
	InState, OfState map[string]float64
	// Exceptions are counted by class; nil if unknown. FailuresRead is true if they were
	// requested, answered or not.
	Exceptions   map[string]float64
	FailuresRead bool
}

// Vertex is a vertex as it is exported.
type Vertex struct {
	snapshot.Vertex

	// Finished is true if all subtasks have ended: then there are no shares of time.
	Finished bool
	// HasPending is true if Flink lists a metric for Pending.
	HasPending bool
	Readings   []metricnames.Value
	// NamesLeft is how many metrics are not read because there are too many.
	NamesLeft int
	// Refused counts, by reason, the metrics that match a user's rule but are not
	// exported.
	Refused map[string]int
}

// TaskManager is a TaskManager as it is exported.
type TaskManager struct {
	snapshot.TaskManager

	// Detailed is true if its own metrics are read one by one.
	Detailed bool
	Metrics  flink.Values
}

// Withdrawn is what remains of a TaskManager when Flink has not answered for three poll
// intervals.
func (t TaskManager) Withdrawn() snapshot.TaskManager {
	return snapshot.TaskManager{ID: t.ID, Slots: t.Slots, FreeSlots: t.FreeSlots, DataPort: t.DataPort}
}

// View is the result of a poll as it is exported.
type View struct {
	Cluster      *snapshot.Cluster
	JobManager   flink.Values
	Sums         flink.Aggregates
	Totals       flink.Values
	TaskManagers []TaskManager
	Jobs         []Job
}

// Live reports whether Flink lists the job and it has not ended: then all its
// values are expected.
func (j Job) Live() bool {
	return j.State != snapshot.Gone && !flink.JobSummary{State: j.State}.Ended()
}
