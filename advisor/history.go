package advisor

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// addHistory adds the last checkpoints, the cause of restarts and the earlier recommendations to
// the evidence.
func addHistory(f *cause.Facts) {
	if c := f.Bundle.Checkpoints; c != nil {
		addCheckpoints(f.Book, c)
	}
	if f.Bundle.Exception != "" {
		f.Book.Exception("the present series of restarts began with " + f.Bundle.Exception)
	}
	for _, p := range f.Bundle.Prior {
		f.Book.Prior(p)
	}
}

// addCheckpoints adds the means of the last checkpoints with the greatest values, and what is
// known of failures.
func addCheckpoints(book *evidence.Book, c *evidence.Checkpoints) {
	for _, m := range []struct {
		name, unit string
		mean, most *float64
		of         string
	}{
		{"checkpoint duration", "seconds", c.Duration, c.DurationMax, "a checkpoint takes"},
		{
			"checkpoint synchronous part", "seconds", c.Sync, c.SyncMax,
			"the synchronous part of a subtask of the bottleneck takes",
		},
		{
			"checkpoint alignment", "seconds", c.Alignment, c.AlignmentMax,
			"the alignment of a subtask of the bottleneck takes",
		},
		{"checkpoint asynchronous part", "seconds", c.Async, c.AsyncMax, "the longest asynchronous part takes"},
		{"checkpoint written", "bytes", c.Written, c.WrittenMax, "a checkpoint writes"},
	} {
		if m.mean == nil || m.most == nil || c.Of == 0 {
			continue
		}
		book.Metric(m.name, *m.mean, m.unit, fmt.Sprintf("%s %s on average over the last %s, at most %s", m.of,
			evidence.Quantity(*m.mean, m.unit), checkpoints(c.Of), evidence.Quantity(*m.most, m.unit)))
	}
	if c.State != nil {
		book.Metric("checkpoint state", *c.State, "bytes",
			"the whole state at the last checkpoint is "+evidence.Quantity(*c.State, "bytes"))
	}
	addFailures(book, c)
}

func checkpoints(n int) string {
	if n == 1 {
		return "completed checkpoint"
	}
	return fmt.Sprintf("%d completed checkpoints", n)
}

func addFailures(book *evidence.Book, c *evidence.Checkpoints) {
	if c.Failed == nil || c.Completed == nil || *c.Failed == 0 {
		return
	}
	text := fmt.Sprintf("%d of %d checkpoints failed", *c.Failed, *c.Failed+*c.Completed)
	if c.FailedInARow != nil && *c.FailedInARow > 0 {
		text += fmt.Sprintf(", the last %d in a row", *c.FailedInARow)
	}
	if c.LastFailure != "" {
		text += "; the last reason: " + c.LastFailure
	}
	book.Metric("checkpoint failures", float64(*c.Failed), "checkpoints", text)
}
