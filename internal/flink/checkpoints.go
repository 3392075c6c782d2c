package flink

import "context"

// Checkpoints is what is known of a job's checkpoints. It counts since the
// JobManager took the job up, so it starts again after a fail-over.
type Checkpoints struct {
	Counts struct {
		Restored   int `json:"restored"`
		InProgress int `json:"in_progress"`
		Completed  int `json:"completed"`
		Failed     int `json:"failed"`
	} `json:"counts"`
	Latest struct {
		// Completed is nil until the first checkpoint completed.
		Completed *CompletedCheckpoint `json:"completed"`
	} `json:"latest"`
}

// CompletedCheckpoint is one checkpoint that completed.
type CompletedCheckpoint struct {
	ID      int64  `json:"id"`
	Trigger Millis `json:"trigger_timestamp"`
	// Acknowledged is when the last subtask acknowledged.
	Acknowledged Millis `json:"latest_ack_timestamp"`
	Duration     Millis `json:"end_to_end_duration"`
	// CheckpointedBytes is what this checkpoint wrote, StateBytes the whole
	// state it stands for: they differ if checkpoints are incremental.
	CheckpointedBytes float64 `json:"checkpointed_size"`
	StateBytes        float64 `json:"state_size"`
}

// Checkpoints asks for a job's checkpoints. A job that takes none is answered
// with an error for which NotFound is true.
func (c *Client) Checkpoints(ctx context.Context, job string) (Checkpoints, error) {
	var answer Checkpoints
	err := c.read(ctx, &answer, "/jobs/:jobid/checkpoints", job)
	return answer, err
}

// CheckpointConfig asks for the checkpoint settings a job runs with. The error
// is as that of Checkpoints.
func (c *Client) CheckpointConfig(ctx context.Context, job string) (Settings, error) {
	var answer Settings
	err := c.read(ctx, &answer, "/jobs/:jobid/checkpoints/config", job)
	return answer, err
}
