package trouble

import (
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const (
	// failedInARow checkpoints are a trouble. One fails with every restart.
	failedInARow = 2
	// slowest is how long any checkpoint may run, whatever the ones before it took.
	slowest = time.Minute
	// slowFactor times the 99th percentile of the job's own checkpoints is too long.
	slowFactor = 3
	// timeout is Flink's default of execution.checkpointing.timeout. A checkpoint that has
	// used half of its timeout is too slow in any case.
	timeout = 10 * time.Minute
)

// checkpointsFail reports whether checkpoints fail one after the other.
func (m *jobMemory) checkpointsFail(job snapshot.Job) (verdict, Trouble) {
	switch {
	case over(job):
		return absent, Trouble{}
	case job.Checkpoints == nil:
		return unknown, Trouble{}
	}
	n := int(job.Checkpoints.FailedInARow())
	if n < failedInARow {
		return absent, Trouble{}
	}
	completed := "none has completed yet"
	if last := job.Checkpoints.Last; last != nil {
		completed = fmt.Sprintf("the last one that completed is %s old", plaintext.Span(last.Age))
	}
	seen := fmt.Sprintf("%d checkpoints of job %s failed in a row, and %s", n, quoted(job.Name), completed)
	if message := job.Checkpoints.LastFailed.Message; message != "" {
		seen += "; the last failed because: " + cause(snapshot.Failure{Cause: message})
	}
	return present, Trouble{
		What: "Checkpoints fail", Seen: seen,
		Do: "remove the reason that Flink gives; until then a failure of the job repeats all work since the last " +
			"completed checkpoint",
	}
}

// checkpointSlow reports whether a checkpoint has been running for too long.
func (m *jobMemory) checkpointSlow(job snapshot.Job) (verdict, Trouble) {
	switch {
	case over(job):
		return absent, Trouble{}
	case job.Checkpoints == nil:
		return unknown, Trouble{}
	}
	limit, oldest := slowAfter(job), job.Checkpoints.Running
	switch slow := oldest != nil && oldest.Age > limit; {
	case !slow && job.Checkpoints.FailedInARow() > 0:
		return lingers, slowAndFailed(job)
	case !slow:
		return absent, Trouble{}
	}
	seen := fmt.Sprintf("checkpoint %d of job %s has been running for %s, and %s is long for this job", oldest.ID,
		quoted(job.Name), plaintext.Span(oldest.Age), plaintext.Span(limit))
	if oldest.Subtasks > 0 {
		seen += fmt.Sprintf("; %d of %d subtasks have acknowledged it", oldest.Acknowledged, oldest.Subtasks)
	}
	return present, tooLong(seen)
}

func tooLong(seen string) Trouble {
	return Trouble{
		What: "A checkpoint takes too long", Seen: seen,
		Do: "see which subtasks have not acknowledged it: behind backpressure its barriers wait, otherwise its state " +
			"is large or the storage slow",
	}
}

// slowAndFailed is for a slow checkpoint that failed: the next one is as slow, but young.
func slowAndFailed(job snapshot.Job) Trouble {
	seen := fmt.Sprintf("a checkpoint of job %s took too long and failed, and none has completed since", quoted(job.Name))
	if message := job.Checkpoints.LastFailed.Message; message != "" {
		seen += "; the last failed because: " + cause(snapshot.Failure{Cause: message})
	}
	return tooLong(seen)
}

// slowAfter is how long a checkpoint of a job may run: three times what its checkpoints
// took so far, at least a minute, and never more than half of the timeout. Before the first
// one has completed, nothing but the timeout is known.
func slowAfter(job snapshot.Job) time.Duration {
	allowed := timeout
	if job.Plan != nil && job.Plan.Timeout > 0 {
		allowed = job.Plan.Timeout
	}
	limit := allowed / 2
	if usual := job.Checkpoints.Durations; usual != nil {
		limit = min(limit, max(slowest, slowFactor*usual.P99))
	}
	return limit
}
