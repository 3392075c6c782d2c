package snapshot

import (
	"time"
)

// Cluster is the state of a cluster at the last poll, as the JobManager reported it.
type Cluster struct {
	// Name is the name of the cluster in labels.
	Name string
	// Polled is the start of the poll.
	Polled time.Time
	// FlinkVersion is Flink's version as the JobManager writes it; empty if unknown.
	FlinkVersion          string
	TaskManagers          int
	Slots, SlotsAvailable int
	// The number of jobs by state. Running counts all jobs that have not ended.
	Running, Finished, Cancelled, Failed int
	// MetricsFrozen is true while Flink does not update its metric store. Then all values
	// from that store are unknown, and only this struct and the states of the jobs are
	// current.
	MetricsFrozen bool
}

// TaskManager is the state of a worker process at the last poll. A nil pointer is an
// unknown value.
type TaskManager struct {
	ID               string
	Slots, FreeSlots int
	// DataPort is where the process exchanges records; 0 if unknown. A process that was
	// restarted under its id mostly has another one.
	DataPort int
	// Hardware is its size; zero if unknown.
	Hardware Hardware
	// HeapUsed and HeapMax are in bytes. CPUSeconds counts since the start of the
	// process. They are nil for a TaskManager that is not shown in detail.
	HeapUsed, HeapMax, CPUSeconds *float64
	// GC is the share of the last minute in which garbage collection stopped the
	// process. It needs two readings, so it is nil until the second one.
	GC *float64
	// GCSeconds is the time in which it did, since the start of the process.
	GCSeconds *float64
}
