package advisor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// told returns the texts of the evidence of a kind.
func told(adv episode.Advice, kind string) []string {
	var texts []string
	for _, e := range adv.Evidence {
		if e.Kind == kind {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// TestTheLastCheckpointsAreEvidence: each sentence says of how many checkpoints it is, and what is
// unknown has none.
func TestTheLastCheckpointsAreEvidence(t *testing.T) {
	c := &evidence.Checkpoints{
		Interval: 60, Of: 10, Duration: new(3.0), DurationMax: new(4.5), Sync: new(0.2), SyncMax: new(0.5),
		Alignment: new(0.1), AlignmentMax: new(0.9), Async: new(2.9), AsyncMax: new(3.9),
		Written: new(2048.0), WrittenMax: new(4096.0), State: new(3.0 * (1 << 20)),
		Completed: new(38), Failed: new(2), FailedInARow: new(1), LastFailure: "declined",
	}
	require.Equal(t, []string{
		"a checkpoint takes 3 seconds on average over the last 10 completed checkpoints, at most 4.5 seconds",
		"the synchronous part of a subtask of the bottleneck takes 0.2 seconds on average over the last 10 " +
			"completed checkpoints, at most 0.5 seconds",
		"the alignment of a subtask of the bottleneck takes 0.1 seconds on average over the last 10 completed " +
			"checkpoints, at most 0.9 seconds",
		"the longest asynchronous part takes 2.9 seconds on average over the last 10 completed checkpoints, " +
			"at most 3.9 seconds",
		"a checkpoint writes 2.0 KiB on average over the last 10 completed checkpoints, at most 4.0 KiB",
		"the whole state at the last checkpoint is 3.0 MiB",
		"2 of 40 checkpoints failed, the last 1 in a row; the last reason: declined",
	}, told(Rules(evidence.Bundle{Checkpoints: c}), "metric"))

	few := &evidence.Checkpoints{Interval: 60, Of: 1, Duration: new(3.0), DurationMax: new(3.0), Completed: new(1), Failed: new(0)}
	require.Equal(t, []string{
		"a checkpoint takes 3 seconds on average over the last completed checkpoint, at most 3 seconds",
	}, told(Rules(evidence.Bundle{Checkpoints: few}), "metric"))
	few.Of = 0
	require.Empty(t, told(Rules(evidence.Bundle{Checkpoints: few}), "metric"))
}

func TestTheCauseOfRestartsIsEvidence(t *testing.T) {
	b := evidence.Bundle{Exception: "java.io.IOException: no space left; password=hunter2hunter2 " + strings.Repeat("x ", 300)}
	texts := told(Rules(b.Redacted()), "exception")
	require.Len(t, texts, 1)
	require.Contains(t, texts[0], "the present series of restarts began with java.io.IOException: no space left")
	require.NotContains(t, texts[0], "hunter2")
}
