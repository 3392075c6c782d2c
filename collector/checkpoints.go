package collector

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Checkpoints sums up a job's checkpoints since the JobManager took it up.
type Checkpoints struct {
	Completed, Failed, InProgress int
	// Total counts every checkpoint that was triggered, Restores how often the
	// job was given the state of one.
	Total, Restores int
	// Last is the last completed checkpoint; nil if there is none yet.
	Last *Checkpoint
	// LastFailed is the last that failed; nil if none did.
	LastFailed *FailedCheckpoint
	// Restored is when the job was last given a checkpoint's state; zero if it
	// began with none.
	Restored time.Time
	// Durations are those of all that completed; nil while there is none.
	Durations *Durations
}

// Checkpoint is a checkpoint, or a savepoint, that completed.
type Checkpoint struct {
	ID       int64
	Finished time.Time
	Duration time.Duration
	// Age was its age at the poll, by the JobManager's clock.
	Age time.Duration
	// Bytes is what it wrote, StateBytes the whole state it stands for.
	Bytes, StateBytes float64
	// Processed and Persisted are bytes of in-flight data: what went through
	// while barriers were aligned, and what an unaligned checkpoint stored.
	// Buffered is what waited for the alignment.
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

// Durations sums up how long checkpoints took from end to end.
type Durations struct{ P50, P99, Max time.Duration }

// CheckpointPlan is how a run of a job takes checkpoints. A value that the job
// does not have is zero.
type CheckpointPlan struct{ Interval, Timeout, MinPause time.Duration }

func (p *poll) readCheckpoints(ctx context.Context, job *Job, details flink.Job) {
	answer, err := p.client.Checkpoints(ctx, job.ID)
	switch {
	case flink.NotFound(err):
		job.checkpointing = false
		return
	case err != nil:
		p.note(err)
		return
	}
	job.Checkpoints = checkpointsOf(answer, details.Now.Time())
}

// checkpointsOf takes an answer apart, of which now is the JobManager's time.
func checkpointsOf(answer flink.Checkpoints, now time.Time) *Checkpoints {
	c := &Checkpoints{
		Completed: answer.Counts.Completed, Failed: answer.Counts.Failed, InProgress: answer.Counts.InProgress,
		Total: answer.Counts.Total, Restores: answer.Counts.Restored,
	}
	if last := answer.Latest.Completed; last != nil {
		finished := last.Acknowledged.Time()
		c.Last = &Checkpoint{
			ID: last.ID, Finished: finished, Duration: last.Duration.Span(), Age: max(0, now.Sub(finished)),
			Bytes: last.CheckpointedBytes, StateBytes: last.StateBytes,
			Processed: last.ProcessedBytes, Persisted: last.PersistedBytes, Buffered: last.BufferedBytes,
			Type: last.Type, Savepoint: last.Savepoint,
		}
	}
	if last := answer.Latest.Failed; last != nil {
		failed := last.Failed.Time()
		c.LastFailed = &FailedCheckpoint{ID: last.ID, Failed: failed, Age: max(0, now.Sub(failed)), Message: flink.RootCause(last.Message, maxText)}
	}
	if last := answer.Latest.Restored; last != nil {
		c.Restored = last.Restored.Time()
	}
	if p50, p99, most, known := answer.Summary.Duration.Known(); known && c.Completed > 0 {
		c.Durations = &Durations{P50: ofMillis(p50), P99: ofMillis(p99), Max: ofMillis(most)}
	}
	return c
}

// maxText bounds, in characters, what is kept of a text of Flink's.
const maxText = 500

func ofMillis(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }

// longest is the longest time between checkpoints that is one: Flink writes a
// number near the largest there is for checkpoints that are never taken.
const longest = 10 * 365 * 24 * time.Hour

// checkpointPlan reads what matters of a job's checkpoint settings.
func checkpointPlan(settings flink.Settings) CheckpointPlan {
	of := func(key string) time.Duration {
		d, known := settings.Millis(key)
		if !known || d < 0 || d > longest {
			return 0
		}
		return d
	}
	return CheckpointPlan{Interval: of("interval"), Timeout: of("timeout"), MinPause: of("min_pause")}
}
