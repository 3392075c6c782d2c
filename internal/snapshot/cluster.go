package snapshot

import (
	"time"
)

// Cluster is what the JobManager said about its cluster at the last poll.
type Cluster struct {
	// Name is the name of the cluster in labels.
	Name string
	// Polled is when the poll began.
	Polled time.Time
	// FlinkVersion is Flink's version as the JobManager writes it; empty if unknown.
	FlinkVersion          string
	TaskManagers          int
	Slots, SlotsAvailable int
	// The number of jobs by state. Running counts all that have not ended.
	Running, Finished, Cancelled, Failed int
	// MetricsFrozen is true while Flink's metric store stands still: then all
	// that comes from it is unknown, and only this struct and the states of the
	// jobs are fresh.
	MetricsFrozen bool
}

// TaskManager is a worker process as it was at the last poll. A nil pointer is
// an unknown value.
type TaskManager struct {
	ID               string
	Slots, FreeSlots int
	// HeapUsed and HeapMax are in bytes, CPUSeconds counts since the process
	// started. They are nil for a TaskManager that is not shown in detail.
	HeapUsed, HeapMax, CPUSeconds *float64
	// GC is the share of the last minute in which garbage collection stopped the
	// process; nil also until it has been seen twice.
	GC *float64
}
