package collector

import (
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// jobRead is a job while a poll reads it: what every stage may see, and what only
// the collector needs beside it.
type jobRead struct {
	snapshot.Job
	// vertices are those of the job; [jobRead.seen] hands them out.
	vertices []vertexRead
	// checkpointing is false if Flink says that the job takes no checkpoints.
	checkpointing bool

	// inState are for how many seconds the job has been in a state, and ofState
	// how many it has been in all.
	inState, ofState map[string]float64
	// exceptions are counted by class; nil if unknown. They were asked for if
	// failuresRead is true, answered or not.
	exceptions   map[string]float64
	failuresRead bool
}

// seen is the job as every stage may see it.
func (j jobRead) seen() snapshot.Job {
	job := j.Job
	for _, v := range j.vertices {
		job.Vertices = append(job.Vertices, v.Vertex)
	}
	return job
}

// vertexRead is a vertex while a poll reads it.
type vertexRead struct {
	snapshot.Vertex

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

// taskManagerRead is a TaskManager while a poll reads it.
type taskManagerRead struct {
	snapshot.TaskManager

	// detailed is true if its own metrics were to be asked for.
	detailed bool
	metrics  flink.Values
}

// withdrawn is what remains of a TaskManager when Flink has not answered for
// too long.
func (t taskManagerRead) withdrawn() snapshot.TaskManager {
	return snapshot.TaskManager{ID: t.ID, Slots: t.Slots, FreeSlots: t.FreeSlots}
}
