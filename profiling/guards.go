package profiling

import (
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

const (
	// settled is how long a restarted job must run before an automatic profile: it may
	// restart once more.
	settled = time.Minute
	// stormy is how long after the last of several failed checkpoints in a row a job is
	// not profiled: it already lacks time. A slow checkpoint is no storm; a profile may
	// explain it.
	stormy = 5 * time.Minute
)

// guard returns why a job is not profiled automatically now; nil if it may be.
func guard(job snapshot.Job) *profiler.Error {
	refusal := func(outcome profiler.Outcome, format string, args ...any) *profiler.Error {
		return &profiler.Error{Outcome: outcome, Process: job.Name, Cause: fmt.Sprintf(format, args...)}
	}
	switch {
	case job.Known && job.State != flink.JobRunning:
		return refusal(profiler.NotRunning, "it is %s", job.State)
	case job.Restarts != nil && *job.Restarts > 0 && job.Uptime != nil && *job.Uptime < settled.Seconds():
		return refusal(profiler.Unsettled, "it has run again for %.0f s", *job.Uptime)
	case job.Checkpoints == nil:
		return nil
	}
	if failed := failedInARow(job.Checkpoints); failed > 1 {
		return refusal(profiler.Storm, "%d failed in a row, the last %s ago", failed,
			plaintext.Span(job.Checkpoints.LastFailed.Age))
	}
	return nil
}

// failedInARow is how many checkpoints failed since the last completed one; 0 if the last
// failure is long ago.
func failedInARow(c *snapshot.Checkpoints) int64 {
	if c.LastFailed == nil || c.LastFailed.Age >= stormy {
		return 0
	}
	return c.FailedInARow()
}
