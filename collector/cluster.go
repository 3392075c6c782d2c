package collector

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Cluster is what the JobManager said about its cluster at the last poll.
type Cluster struct {
	// Name is the name of the cluster in labels.
	Name string
	// Polled is when the poll began.
	Polled time.Time
	// Version is Flink's; its Profiling tells whether profiles can be had.
	Version               flink.Version
	TaskManagers          int
	Slots, SlotsAvailable int
	// The jobs by what became of them. Running counts all that have not ended.
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

	// detailed is true if its own metrics were to be asked for.
	detailed bool
	metrics  flink.Values
}

// withdrawn is what remains of a TaskManager when Flink has not answered for
// too long.
func (t TaskManager) withdrawn() TaskManager {
	return TaskManager{ID: t.ID, Slots: t.Slots, FreeSlots: t.FreeSlots}
}
