package collector

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func (p *poll) readCheckpoints(ctx context.Context, job *jobRead, details flink.Job) {
	answer, err := p.client.Checkpoints(ctx, job.ID)
	switch {
	case flink.NotFound(err):
		job.Checkpointing = false
		return
	case err != nil:
		p.note(err)
		return
	}
	job.Checkpoints = checkpointsOf(answer, details.Now.Time())
}

// checkpointsOf converts an answer; now is the JobManager's time.
func checkpointsOf(answer flink.Checkpoints, now time.Time) *snapshot.Checkpoints {
	c := &snapshot.Checkpoints{
		Completed: answer.Counts.Completed, Failed: answer.Counts.Failed, InProgress: answer.Counts.InProgress,
		Total: answer.Counts.Total, Restores: answer.Counts.Restored,
	}
	if last := answer.Latest.Completed; last != nil {
		finished := last.Acknowledged.Time()
		c.Last = &snapshot.Checkpoint{
			ID: last.ID, Finished: finished, Duration: last.Duration.Span(), Age: max(0, now.Sub(finished)),
			Bytes: last.CheckpointedBytes, StateBytes: last.StateBytes,
			Processed: last.ProcessedBytes, Persisted: last.PersistedBytes, Buffered: last.BufferedBytes,
			Type: last.Type, Savepoint: last.Savepoint,
		}
	}
	if last := answer.Latest.Failed; last != nil {
		failed := last.Failed.Time()
		c.LastFailed = &snapshot.FailedCheckpoint{
			ID: last.ID, Failed: failed, Age: max(0, now.Sub(failed)),
			Message: causeOf(last.Message),
		}
	}
	c.Running = runningOf(answer.History, now)
	if last := answer.Latest.Restored; last != nil {
		c.Restored = last.Restored.Time()
	}
	if p50, p99, most, known := answer.Summary.Duration.Known(); known && c.Completed > 0 {
		c.Durations = &snapshot.Durations{P50: ofMillis(p50), P99: ofMillis(p99), Max: ofMillis(most)}
	}
	return c
}

// runningOf is the oldest checkpoint in progress. A savepoint is a person's, and may take
// its time.
func runningOf(history []flink.TriggeredCheckpoint, now time.Time) (oldest *snapshot.RunningCheckpoint) {
	for _, c := range history {
		triggered := c.Trigger.Time()
		if c.Status != flink.CheckpointInProgress || c.Savepoint || oldest != nil && triggered.After(oldest.Triggered) {
			continue
		}
		oldest = &snapshot.RunningCheckpoint{
			ID: c.ID, Triggered: triggered, Age: max(0, now.Sub(triggered)),
			Acknowledged: c.Acknowledged, Subtasks: c.Subtasks,
		}
	}
	return oldest
}

// maxText bounds a text from Flink, in characters.
const maxText = 500

func ofMillis(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }

// longest is the longest interval that counts as one: Flink reports a number near the
// greatest long when no checkpoints are triggered.
const longest = 10 * 365 * 24 * time.Hour

// checkpointPlan reads the checkpoint settings of a job.
func checkpointPlan(settings flink.Settings) snapshot.CheckpointPlan {
	of := func(key string) time.Duration {
		d, known := settings.Millis(key)
		if !known || d < 0 || d > longest {
			return 0
		}
		return d
	}
	return snapshot.CheckpointPlan{Interval: of("interval"), Timeout: of("timeout"), MinPause: of("min_pause")}
}
