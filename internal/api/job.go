package api

import (
	"time"
)

// Job is a Flink job as it was at the last poll. A nil pointer is an unknown value.
type Job struct {
	// Cluster is where it runs: names are unique only within a cluster.
	Cluster string `json:"cluster,omitempty"`
	Name    string `json:"name"`
	ID      string `json:"id,omitempty"`
	// State is Flink's, for example "RUNNING"; empty is unknown.
	State string `json:"state,omitempty"`
	// Started is when this run was submitted.
	Started time.Time `json:"started,omitzero"`
	// UptimeSeconds is how long it has run without interruption.
	UptimeSeconds *float64 `json:"uptime_seconds,omitempty"`
	// Restarts counts those of this run.
	Restarts *float64 `json:"restarts,omitempty"`
	// LastFailure is what its last restart, or its end, came from.
	LastFailure *Failure `json:"last_failure,omitempty"`
	// FirstFailure is what the present series of restarts began with; nil if that is
	// LastFailure.
	FirstFailure *Failure `json:"first_failure,omitempty"`
	// Throughput is how many records per second the sources read.
	Throughput *float64 `json:"throughput,omitempty"`
	// Headroom is by how much the input could grow, as a ratio, until some subtask
	// is busy all the time; below 0 the job does not keep up.
	Headroom *float64 `json:"headroom,omitempty"`
	// CPUSeconds is the CPU time of all TaskManagers since their start; nil while another
	// job runs in the cluster.
	CPUSeconds *float64 `json:"cpu_seconds,omitempty"`
	// GCSeconds is the time in which garbage collection stopped the TaskManagers, summed
	// since their start; nil as CPUSeconds is.
	GCSeconds *float64 `json:"gc_seconds,omitempty"`
	// ExchangedBytes are the bytes that its tasks sent to each other since they started.
	ExchangedBytes *float64 `json:"exchanged_bytes,omitempty"`
	// Connectors are the files of connectors in Flink's class path; a job's own jar may hold
	// others.
	Connectors []string `json:"connectors,omitempty"`
	// EpochKey names the epoch the job is in.
	EpochKey string   `json:"epoch_key,omitempty"`
	Vertices []Vertex `json:"vertices"`
	// Checkpoints is nil if unknown, or if the job takes none.
	Checkpoints *Checkpoints `json:"checkpoints,omitempty"`
	// Sustainable is what the last search for the sustainable rate found; nil if none did.
	Sustainable *FoundRate `json:"sustainable,omitempty"`
}

// FoundRate is the sustainable rate of a job.
type FoundRate struct {
	// Rate is in records per second, with the other input that the job kept up with.
	Rate float64 `json:"rate"`
	// FoundAt is the end of the search.
	FoundAt time.Time `json:"found_at"`
	// Outdated says whether the job is in another epoch since, so that the rate is that of an
	// older job; nil while either epoch is unknown.
	Outdated *bool `json:"outdated,omitempty"`
}

// Failure is what made a job restart, or end.
type Failure struct {
	// At is by the JobManager's clock.
	At time.Time `json:"at"`
	// Class is the Java class of the cause, and Cause the line that tells it.
	Class string `json:"class,omitempty"`
	Cause string `json:"cause,omitempty"`
	// Task is the subtask that failed, on the process TaskManager; both are empty
	// if the job failed as a whole.
	Task        string `json:"task,omitempty"`
	TaskManager string `json:"taskmanager,omitempty"`
}

// Vertex is one chain of operators of a job. A nil pointer is an unknown value.
type Vertex struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Parallelism int    `json:"parallelism"`
	// Inputs are the ids of the vertices that send records to it; a source has none.
	Inputs []string `json:"inputs,omitempty"`
	// Busy, Backpressured and Idle are shares of time over the subtasks.
	Busy          *Share `json:"busy,omitempty"`
	Backpressured *Share `json:"backpressured,omitempty"`
	Idle          *Share `json:"idle,omitempty"`
	// RecordsIn and RecordsOut are records per second, over the last minute like the
	// shares of time.
	RecordsIn  *float64 `json:"records_in,omitempty"`
	RecordsOut *float64 `json:"records_out,omitempty"`
	// Pending is how many records wait at the source outside Flink.
	Pending *float64 `json:"pending,omitempty"`
	// Bottleneck is true for the vertex that limits the job. Busiest is true for that
	// vertex or, while none limits the job, for the one whose subtasks work most.
	Bottleneck bool `json:"bottleneck,omitempty"`
	Busiest    bool `json:"busiest,omitempty"`
	// TrueRate is how many records per second it would process if all its subtasks were
	// busy all the time.
	TrueRate *float64 `json:"true_rate,omitempty"`
}

// Share is a share of time between 0 and 1, over the subtasks of a vertex.
type Share struct {
	Mean float64 `json:"mean"`
	Max  float64 `json:"max"`
}

// Checkpoints sums up a job's checkpoints since the JobManager took it up.
type Checkpoints struct {
	Completed  int `json:"completed"`
	Failed     int `json:"failed"`
	InProgress int `json:"in_progress"`
	// Last is the last completed checkpoint; nil if there is none yet.
	Last *Checkpoint `json:"last,omitempty"`
}

// Checkpoint is a checkpoint that completed.
type Checkpoint struct {
	Finished        time.Time `json:"finished"`
	DurationSeconds float64   `json:"duration_seconds"`
	// Bytes is what it wrote, StateBytes the whole state it stands for.
	Bytes      float64 `json:"bytes"`
	StateBytes float64 `json:"state_bytes"`
}
