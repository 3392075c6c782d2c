package flink

import (
	"context"
	"encoding/json"
	"strconv"
)

// VertexDetails is a vertex with each of its subtasks.
type VertexDetails struct {
	// Now is the JobManager's clock, by which the other times are set.
	Now      Millis    `json:"now"`
	Subtasks []Subtask `json:"subtasks"`
}

// Subtask is the present attempt of one parallel instance of a vertex.
type Subtask struct {
	Index  int    `json:"subtask"`
	Status string `json:"status"`
	// Attempt counts from 0.
	Attempt     int    `json:"attempt"`
	TaskManager string `json:"taskmanager-id"`
	// Duration is the age of the attempt, scheduling included.
	Duration Millis    `json:"duration"`
	IO       SubtaskIO `json:"metrics"`
}

// Running reports whether the subtask works now.
func (s Subtask) Running() bool { return s.Status == "RUNNING" }

// SubtaskIO counts what an attempt read and did. A count is nil unless the
// subtask reported it.
type SubtaskIO struct {
	RecordsIn, RecordsOut *float64
	// BusySeconds is the time spent working.
	BusySeconds *float64
}

// UnmarshalJSON implements json.Unmarshaler, as that of IO does.
func (io *SubtaskIO) UnmarshalJSON(text []byte) error {
	var counts IO
	if err := counts.UnmarshalJSON(text); err != nil {
		return err
	}
	busy := struct {
		Millis *number `json:"accumulated-busy-time"`
	}{}
	if err := json.Unmarshal(text, &busy); err != nil {
		return err
	}
	*io = SubtaskIO{RecordsIn: counts.RecordsIn, RecordsOut: counts.RecordsOut}
	if busy.Millis != nil {
		if ms, ok := busy.Millis.finite(); ok {
			seconds := ms / 1000
			io.BusySeconds = &seconds
		}
	}
	return nil
}

// Vertex reads the subtasks of a vertex. The answer grows with the parallelism: about 600
// bytes for each subtask.
func (c *Client) Vertex(ctx context.Context, job, vertex string) (VertexDetails, error) {
	var answer VertexDetails
	err := c.read(ctx, &answer, "/jobs/:jobid/vertices/:vertexid", job, vertex)
	return answer, err
}

// VertexCheckpoint is what one checkpoint took at the subtasks of a vertex. A time is
// that of the slowest subtask; nil if it is not known.
type VertexCheckpoint struct {
	// StateBytes is the whole state of the vertex, CheckpointedBytes what the
	// checkpoint wrote of it.
	StateBytes, CheckpointedBytes float64
	// Sync and Async are the two parts of taking the snapshot; Alignment is the
	// wait for the barriers of all inputs, and StartDelay the time from the
	// trigger until the first barrier came. In seconds.
	Sync, Async, Alignment, StartDelay *float64
	// Means are the means over the subtasks.
	Means CheckpointTimes
}

// CheckpointTimes are times of a vertex in a checkpoint, in seconds; nil is unknown.
type CheckpointTimes struct{ Sync, Async, Alignment *float64 }

// VertexCheckpoint reads the part of one vertex in a checkpoint. An error for which
// NotFound is true means that Flink has forgotten the checkpoint.
func (c *Client) VertexCheckpoint(
	ctx context.Context, job string, checkpoint int64, vertex string,
) (VertexCheckpoint, error) {
	type spread struct {
		Max *number `json:"max"`
		Avg *number `json:"avg"`
	}
	var answer struct {
		StateBytes        float64 `json:"state_size"`
		CheckpointedBytes float64 `json:"checkpointed_size"`
		Summary           struct {
			Duration struct {
				Sync  spread `json:"sync"`
				Async spread `json:"async"`
			} `json:"checkpoint_duration"`
			Alignment struct {
				Duration spread `json:"duration"`
			} `json:"alignment"`
			StartDelay spread `json:"start_delay"`
		} `json:"summary"`
	}
	err := c.read(ctx, &answer, "/jobs/:jobid/checkpoints/details/:checkpointid/subtasks/:vertexid", job,
		strconv.FormatInt(checkpoint, 10), vertex)
	seconds := func(n *number) *float64 {
		if n == nil {
			return nil
		}
		ms, ok := n.finite()
		if !ok || ms < 0 {
			return nil
		}
		ms /= 1000
		return &ms
	}
	summary := answer.Summary
	return VertexCheckpoint{
		StateBytes: answer.StateBytes, CheckpointedBytes: answer.CheckpointedBytes,
		Sync: seconds(summary.Duration.Sync.Max), Async: seconds(summary.Duration.Async.Max),
		Alignment: seconds(summary.Alignment.Duration.Max), StartDelay: seconds(summary.StartDelay.Max),
		Means: CheckpointTimes{
			Sync: seconds(summary.Duration.Sync.Avg), Async: seconds(summary.Duration.Async.Avg),
			Alignment: seconds(summary.Alignment.Duration.Avg),
		},
	}, err
}
