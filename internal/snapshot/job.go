package snapshot

import (
	"time"
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
	Lifecycle
	Vertices []Vertex
	// SourceRecords is how many records the job's sources have read since they
	// last started.
	SourceRecords *float64
	// Read is the newest reading of SourceRecords whose time is known exactly: two
	// of one run give a rate. It may be a poll older than SourceRecords.
	Read *Reading
	// SourceRate is how many records per second the sources read between the last two
	// polls.
	SourceRate *float64
	// Headroom is by how much the input can grow, as a ratio, until a subtask is busy all
	// the time: 0.5 is half as much again. Below 0 the job does not keep up with its
	// input.
	Headroom *float64
	// CPUPerMillion is how many seconds of CPU time all TaskManagers use for a
	// million records of the sources. Known only while no other job runs there.
	CPUPerMillion *float64
	// Checkpoints is nil if unknown, or if the job takes none.
	Checkpoints *Checkpoints
	// EpochKey names the epoch, empty while it is unknown.
	EpochKey string
}
