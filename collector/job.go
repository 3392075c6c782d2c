package collector

import (
	"math"
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
	Life
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
	// Headroom is by how much the input could grow, as a ratio, until some subtask
	// is busy all the time: 0.5 is half as much again. Below 0 the job does not
	// keep up with its input.
	Headroom *float64
	// CPUPerMillion is how many seconds of CPU time all TaskManagers use for a
	// million records of the sources. Known only while no other job runs there.
	CPUPerMillion *float64
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
	// Watermark is the event time that the subtask furthest behind has reached,
	// in seconds of Unix time; nil also if there are no watermarks yet.
	Watermark *float64
	Derived
	// Detail is what was read of each subtask, at most a minute ago; nil for
	// vertices other than the bottleneck.
	Detail *Detail

	// finished is true if all subtasks ended: then there are no shares of time.
	finished bool
	// tellsPending is true if Flink lists a metric for Pending.
	tellsPending bool
	// clock is for how many seconds the tasks have run, mean over the subtasks, by
	// what they report themselves.
	clock *float64
	// taskIn and taskOut are RecordsIn and RecordsOut as fetched with clock.
	taskIn, taskOut *float64
	// busySeconds is the time spent working, summed over the subtasks since
	// they started; busyRate is by how much it grows in a second.
	busySeconds, busyRate *float64
	// read is how many records a source read, and readRate how many per second.
	read     readCount
	readRate *float64
	// pendingGrowth is by how many records Pending grows in a second.
	pendingGrowth *float64
	readings      []readingValue
	// namesLeft is how many metrics there are that are not asked for, because
	// there are too many.
	namesLeft int
	// refused are metrics that a user's rule took in vain, by reason.
	refused map[string]int
}

// take takes over what the vertex itself needs of what was found.
func (v *Vertex) take(found flink.Aggregates) {
	v.clock = runFor(found)
	v.taskIn, v.taskOut = sumOfTask(found, taskRecordsIn), sumOfTask(found, taskRecordsOut)
	v.busySeconds = in(millisPerSecond, sumOfTask(found, busyTotal))
	if s, ok := found[inputWatermark]; ok && math.Abs(s.Min) < noLong {
		seconds := s.Min / millisPerSecond
		v.Watermark = &seconds
	}
}

// runFor is for how many seconds the tasks have run, mean over the subtasks. Busy,
// idle and backpressured time add up to it: Flink reckons what is neither of the
// last two as busy.
func runFor(found flink.Aggregates) *float64 {
	total := 0.0
	for _, name := range []string{busyTotal, idleTotal, backpressuredTotal} {
		spent, ok := found[name]
		if !ok {
			return nil
		}
		total += spent.Avg
	}
	return in(millisPerSecond, &total)
}

func sumOfTask(found flink.Aggregates, name string) *float64 {
	if s, ok := found[name]; ok {
		return &s.Sum
	}
	return nil
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

// Reading is what the sources of a job had read when they had run for so long.
type Reading struct {
	// Uptime is in seconds, as Flink fetched it together with the counters: of the
	// source that has run longest or, where sources don't tell, of the job.
	Uptime        float64
	SourceRecords float64
}

// Rate is how many records per second were read since an earlier reading of the same
// run; nil if no time passed, or if the sources began anew in between.
func (r Reading) Rate(since Reading) *float64 {
	records, seconds := r.SourceRecords-since.SourceRecords, r.Uptime-since.Uptime
	if records < 0 || seconds <= 0 {
		return nil
	}
	rate := records / seconds
	return &rate
}
