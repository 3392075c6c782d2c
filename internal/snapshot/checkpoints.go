package snapshot

import (
	"time"
)

// Checkpoints summarizes a job's checkpoints since the JobManager started to run the job.
type Checkpoints struct {
	Completed, Failed, InProgress int
	// Total counts all triggered checkpoints, Restores the restores from a checkpoint.
	Total, Restores int
	// Last is the last completed checkpoint; nil if there is none yet.
	Last *Checkpoint
	// LastFailed is the last failed checkpoint; nil if none failed.
	LastFailed *FailedCheckpoint
	// Running is the oldest checkpoint in progress, savepoints apart; nil if there is none.
	Running *RunningCheckpoint
	// Restored is the time of the last restore from a checkpoint; zero if there was none.
	Restored time.Time
	// Durations are the durations of all completed checkpoints; nil while there is none.
	Durations *Durations
}

// Checkpoint is a completed checkpoint or savepoint.
type Checkpoint struct {
	ID       int64
	Finished time.Time
	Duration time.Duration
	// Age is the age of the checkpoint at the poll, by the JobManager's clock.
	Age time.Duration
	// Bytes are the bytes that the checkpoint wrote, StateBytes the size of the whole state.
	Bytes, StateBytes float64
	// Processed and Persisted are bytes of in-flight data: Processed during the alignment
	// of barriers, Persisted by an unaligned checkpoint. Buffered are the bytes that
	// waited for the alignment.
	Processed, Persisted, Buffered float64
	// Type is Flink's, for example "CHECKPOINT" or "SAVEPOINT".
	Type      string
	Savepoint bool
}

// RunningCheckpoint is a checkpoint that is in progress.
type RunningCheckpoint struct {
	ID        int64
	Triggered time.Time
	// Age is the time from Triggered to the poll, by the JobManager's clock.
	Age time.Duration
	// Acknowledged of Subtasks subtasks have acknowledged it.
	Acknowledged, Subtasks int
}

// FailedCheckpoint is a checkpoint that did not complete.
type FailedCheckpoint struct {
	ID     int64
	Failed time.Time
	// Age is the time from Failed to the poll, by the JobManager's clock.
	Age time.Duration
	// Message is Flink's reason in one line of at most 500 characters; empty if
	// Flink gave none.
	Message string
}

// FailedInARow is the number of checkpoints that failed since the last completed one, or
// since the JobManager started to run the job; 0 if the last one completed. Flink numbers
// checkpoints one after the other.
func (c Checkpoints) FailedInARow() int64 {
	switch {
	case c.LastFailed == nil:
		return 0
	case c.Last == nil:
		return int64(c.Failed)
	case c.Last.Finished.After(c.LastFailed.Failed):
		return 0
	}
	return max(1, c.LastFailed.ID-c.Last.ID)
}

// Durations summarizes the end-to-end durations of checkpoints.
type Durations struct{ P50, P99, Max time.Duration }

// CheckpointPlan is the checkpoint configuration of a run of a job. Zero means that the job
// does not have the value.
type CheckpointPlan struct{ Interval, Timeout, MinPause time.Duration }

// VertexCheckpoint has the sizes and times of one checkpoint at the subtasks of a vertex.
// Each time is the time of the slowest subtask, in seconds; nil is unknown.
type VertexCheckpoint struct {
	// StateBytes is the size of the vertex's whole state, CheckpointedBytes the part that
	// the checkpoint wrote.
	StateBytes, CheckpointedBytes float64
	// Sync and Async are the two phases of the snapshot. Alignment is the wait for the
	// barriers of all inputs. StartDelay is the time from the trigger to the first barrier.
	Sync, Async, Alignment, StartDelay *float64
}
