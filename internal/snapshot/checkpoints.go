package snapshot

import (
	"time"
)

// Checkpoints summarizes a job's checkpoints since the JobManager took it up.
type Checkpoints struct {
	Completed, Failed, InProgress int
	// Total counts every triggered checkpoint, Restores how often the job restored one.
	Total, Restores int
	// Last is the last completed checkpoint; nil if there is none yet.
	Last *Checkpoint
	// LastFailed is the last that failed; nil if none did.
	LastFailed *FailedCheckpoint
	// Restored is when the job last restored a checkpoint; zero if it began with none.
	Restored time.Time
	// Durations are those of all completed checkpoints; nil while there is none.
	Durations *Durations
}

// Checkpoint is a checkpoint, or a savepoint, that completed.
type Checkpoint struct {
	ID       int64
	Finished time.Time
	Duration time.Duration
	// Age was its age at the poll, by the JobManager's clock.
	Age time.Duration
	// Bytes is what it wrote, StateBytes the whole state it represents.
	Bytes, StateBytes float64
	// Processed and Persisted are bytes of in-flight data: processed while barriers were
	// aligned, and stored by an unaligned checkpoint. Buffered is what waited for the
	// alignment.
	Processed, Persisted, Buffered float64
	// Type is Flink's, for example "CHECKPOINT" or "SAVEPOINT".
	Type      string
	Savepoint bool
}

// FailedCheckpoint is a checkpoint that did not complete.
type FailedCheckpoint struct {
	ID     int64
	Failed time.Time
	// Age was the time since then at the poll, by the JobManager's clock.
	Age time.Duration
	// Message is Flink's reason in one line of at most 500 characters; empty if
	// it gave none.
	Message string
}

// Durations summarizes the end-to-end durations of checkpoints.
type Durations struct{ P50, P99, Max time.Duration }

// CheckpointPlan is how a run of a job takes checkpoints. A value that the job
// does not have is zero.
type CheckpointPlan struct{ Interval, Timeout, MinPause time.Duration }

// VertexCheckpoint is what one checkpoint took at the subtasks of a vertex. A time is
// that of the slowest subtask, in seconds; nil is unknown.
type VertexCheckpoint struct {
	// StateBytes is the whole state of the vertex, CheckpointedBytes what the
	// checkpoint wrote of it.
	StateBytes, CheckpointedBytes float64
	// Sync and Async are the two parts of taking the snapshot; Alignment is the wait
	// for the barriers of all inputs, and StartDelay the time from the trigger until
	// the first barrier came.
	Sync, Async, Alignment, StartDelay *float64
}
