package collector

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Gone is the state of a job that ran at an earlier poll and that Flink no
// longer lists: the JobManager restarted and forgot it.
const Gone = "GONE"

// Job is a job as it was at the last poll. A nil pointer is an unknown value.
type Job struct {
	Name string
	// ID is the id of the present run.
	ID string
	// State is Flink's state of the job, for example "RUNNING", or Gone.
	State string
	// Known is false if Flink has not answered for three poll intervals. Then
	// every value is unknown, the state too.
	Known bool
	// Started is when this run was submitted, by the JobManager's clock.
	Started time.Time
	// Uptime is for how many seconds the job has run without interruption.
	Uptime *float64
	// Restarts counts the restarts of this run.
	Restarts *float64
	Vertices []Vertex
	// SourceRecords is how many records the job's sources have read since they
	// last started.
	SourceRecords *float64
	// Read is the newest reading of SourceRecords whose time is known exactly: two
	// of one run give a rate. It may be a poll older than SourceRecords.
	Read *Reading
	// SourceRate is how many records per second the sources read between the
	// last two polls.
	SourceRate *float64
	// Checkpoints is nil if unknown, or if the job takes none.
	Checkpoints *Checkpoints
	// EpochKey names the epoch, empty while it is unknown.
	EpochKey string

	// checkpointing is false if Flink says that the job takes no checkpoints.
	checkpointing bool
}

// Vertex is one chain of operators of a job. A nil pointer is an unknown value.
type Vertex struct {
	ID          string
	Name        string
	Parallelism int
	// Source is true for a vertex that no other vertex sends records to.
	Source bool
	// Busy, Idle and Backpressured are shares of time over the subtasks.
	Busy, Idle, Backpressured *Share
	// The counts are of the present attempts of all subtasks.
	RecordsIn, RecordsOut, BytesIn, BytesOut *float64
	// The rates are per second, between the last two polls.
	RecordsInRate, RecordsOutRate *float64
	// Pending is how many records wait at the source outside Flink. Absent for
	// a source that can't tell, and until its first record.
	Pending *float64

	// finished is true if all subtasks ended: then there are no shares of time.
	finished bool
	// tellsPending is true if Flink lists a metric for Pending.
	tellsPending bool
}

// Share is a share of time between 0 and 1, over the subtasks of a vertex.
type Share struct{ Mean, Max float64 }

// live reports whether Flink lists the job and it has not ended: then all its
// values are expected.
func (j Job) live() bool {
	return j.State != Gone && !flink.JobSummary{State: j.State}.Ended()
}

// withdrawn is what remains of a job when Flink has not answered for too long.
func (j Job) withdrawn() Job { return Job{Name: j.Name, ID: j.ID, Started: j.Started} }

// Reading is what the sources of a job had read when it had run for so long.
type Reading struct {
	// Uptime is in seconds, as Flink fetched it together with the counter.
	Uptime        float64
	SourceRecords float64
}
