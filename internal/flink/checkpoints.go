package flink

import "context"

// Checkpoints is what is known of a job's checkpoints. It counts since the
// JobManager took the job up, so it starts again after a fail-over.
type Checkpoints struct {
	Counts struct {
		Restored   int `json:"restored"`
		Total      int `json:"total"`
		InProgress int `json:"in_progress"`
		Completed  int `json:"completed"`
		Failed     int `json:"failed"`
	} `json:"counts"`
	Summary struct {
		Duration Spread `json:"end_to_end_duration"`
	} `json:"summary"`
	Latest struct {
		// Completed is nil until the first checkpoint completed. A savepoint is one
		// too.
		Completed *CompletedCheckpoint `json:"completed"`
		// Failed is nil unless one failed.
		Failed *FailedCheckpoint `json:"failed"`
		// Restored is nil unless the job began with the state of a checkpoint.
		Restored *RestoredCheckpoint `json:"restored"`
	} `json:"latest"`
	// History has the newest checkpoints, newest first. Flink remembers ten by default, and
	// those in progress.
	History []TriggeredCheckpoint `json:"history"`
}

// The status of a checkpoint that has not ended, and of one that completed.
const (
	CheckpointInProgress = "IN_PROGRESS"
	CheckpointCompleted  = "COMPLETED"
)

// TriggeredCheckpoint is one checkpoint, whether it has ended or not.
type TriggeredCheckpoint struct {
	ID      int64  `json:"id"`
	Status  string `json:"status"`
	Trigger Millis `json:"trigger_timestamp"`
	// Acknowledged of Subtasks subtasks have acknowledged it.
	Acknowledged int  `json:"num_acknowledged_subtasks"`
	Subtasks     int  `json:"num_subtasks"`
	Savepoint    bool `json:"is_savepoint"`
	// Duration and the sizes are those of a [CompletedCheckpoint].
	Duration          Millis  `json:"end_to_end_duration"`
	CheckpointedBytes float64 `json:"checkpointed_size"`
	StateBytes        float64 `json:"state_size"`
}

// CompletedCheckpoint is one checkpoint that completed.
type CompletedCheckpoint struct {
	ID      int64  `json:"id"`
	Trigger Millis `json:"trigger_timestamp"`
	// Acknowledged is when the last subtask acknowledged.
	Acknowledged Millis `json:"latest_ack_timestamp"`
	Duration     Millis `json:"end_to_end_duration"`
	// CheckpointedBytes is what this checkpoint wrote, StateBytes the whole state it
	// represents: they differ if checkpoints are incremental.
	CheckpointedBytes float64 `json:"checkpointed_size"`
	StateBytes        float64 `json:"state_size"`
	// ProcessedBytes went through the operators while barriers were aligned,
	// PersistedBytes were stored as in-flight data of an unaligned checkpoint,
	// BufferedBytes waited for the alignment (0 since Flink 1.11).
	ProcessedBytes float64 `json:"processed_data"`
	PersistedBytes float64 `json:"persisted_data"`
	BufferedBytes  float64 `json:"alignment_buffered"`
	// Type is Flink's CheckpointType, for example "CHECKPOINT" or "SAVEPOINT".
	Type      string `json:"checkpoint_type"`
	Savepoint bool   `json:"is_savepoint"`
}

// FailedCheckpoint is one checkpoint that failed.
type FailedCheckpoint struct {
	ID      int64  `json:"id"`
	Trigger Millis `json:"trigger_timestamp"`
	Failed  Millis `json:"failure_timestamp"`
	// Message is Flink's reason, which may be long.
	Message string `json:"failure_message"`
}

// RestoredCheckpoint is the checkpoint whose state a job last restored.
type RestoredCheckpoint struct {
	ID       int64  `json:"id"`
	Restored Millis `json:"restore_timestamp"`
}

// Spread summarizes a quantity over the completed checkpoints.
type Spread struct {
	P50 number `json:"p50"`
	P99 number `json:"p99"`
	Max number `json:"max"`
}

// Known returns the quantity in milliseconds or bytes: the median, the 99th
// percentile and the most. ok is false as long as nothing was counted.
func (s Spread) Known() (p50, p99, most float64, ok bool) {
	var known [3]bool
	p50, known[0] = s.P50.finite()
	p99, known[1] = s.P99.finite()
	most, known[2] = s.Max.finite()
	return p50, p99, most, known == [3]bool{true, true, true}
}

// Checkpoints reads a job's checkpoints. For a job that takes none it returns an error
// for which NotFound is true.
func (c *Client) Checkpoints(ctx context.Context, job string) (Checkpoints, error) {
	var answer Checkpoints
	err := c.read(ctx, &answer, "/jobs/:jobid/checkpoints", job)
	return answer, err
}

// CheckpointConfig reads the checkpoint settings of a job. Its errors are those of
// Checkpoints.
func (c *Client) CheckpointConfig(ctx context.Context, job string) (Settings, error) {
	var answer Settings
	err := c.read(ctx, &answer, "/jobs/:jobid/checkpoints/config", job)
	return answer, err
}
