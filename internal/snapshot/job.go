package snapshot

import (
	"time"
)

// Gone is the state of a job that ran at an earlier poll and that Flink no
// longer lists: the JobManager restarted and forgot it.
const Gone = "GONE"

// Job is the state of a job at the last poll. A nil pointer is an unknown value.
type Job struct {
	Name string
	// ID is the id of the present run.
	ID string
	// State is Flink's state of the job, for example "RUNNING", or Gone.
	State string
	// Known is false if Flink has not answered for three poll intervals. Then
	// all values are unknown, including the state.
	Known bool
	// Started is the time at which this run was submitted, by the JobManager's clock.
	Started time.Time
	Lifecycle
	// Limits are the vertices that matter for the throughput.
	Limits
	Vertices []Vertex
	// SourceRecords is the number of records that the job's sources read since they
	// last started.
	SourceRecords *float64
	// Read is the newest reading of SourceRecords with an exactly known time. Two readings
	// of one run give a rate. It may be one poll older than SourceRecords.
	Read *Reading
	// SourceRate is the number of records per second that the sources read in the last
	// minute.
	SourceRate *float64
	// ReadRate is the number of records per second that the sources read between the last two
	// polls. It shows at once that a job is stalled, which a mean over a minute cannot.
	ReadRate *float64
	// Headroom is the ratio by which the input can grow until a subtask is busy all the
	// time: 0.5 means 50 % more input. Below 0 the job does not keep up with its input. The
	// input is what arrived in the last minute or, while a backlog shrinks, what was read.
	Headroom *float64
	// Capacity is the input at which a subtask is busy all the time, in records per second: the
	// input times 1 + Headroom. Unlike Headroom it does not change with the input.
	Capacity *float64
	// BackpressureSpread is how far backpressure has spread upstream of the vertex that limits
	// the job: the mean share of time, between 0 and 1, in which the vertices before it wait. It
	// is 0 while none limits the job.
	BackpressureSpread *float64
	// CPUPerMillion is the CPU time of all TaskManagers for a million records of the
	// sources, in seconds. It is known only while no other job runs in the cluster.
	CPUPerMillion *float64
	// Checkpoints is nil if unknown, or if the job takes none.
	Checkpoints *Checkpoints
	// Connectors are the files of connectors in Flink's class path, without their folder and
	// ending; none while they are unknown.
	Connectors []string
	// EpochKey identifies the epoch; empty while it is unknown. EpochBegan is when the collector
	// first saw it; zero while it is unknown.
	EpochKey   string
	EpochBegan time.Time
}
