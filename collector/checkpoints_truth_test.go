package collector

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest/simulate"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// tenSeconds are checkpoints every ten seconds that expire after a minute.
var tenSeconds = simulate.Checkpointing{
	Every: 10 * time.Second, Timeout: time.Minute, Upload: time.Second, StateBytes: simulate.Steady(5e6),
}

// TestCheckpointsAreTrue compares what is said of checkpoints with those of the simulated job,
// at every poll.
func TestCheckpointsAreTrue(t *testing.T) {
	stalls := func(v *simulate.Vertex) { v.Stalled = simulate.From(0, 2*time.Minute, 1) }
	for name, test := range map[string]struct {
		job  simulate.Job
		then func(t *testing.T, last snapshot.Checkpoints)
	}{
		"calm": {
			simulate.Job{Vertices: chain(simulate.Steady(100), 2000, 2000)},
			func(t *testing.T, last snapshot.Checkpoints) {
				require.Zero(t, last.Failed)
				require.LessOrEqual(t, last.Durations.Max, 2*time.Second)
			},
		},
		"the barrier waits behind a slow sink": {
			simulate.Job{Vertices: with(chain(simulate.Steady(500), 2000, 50), 1,
				func(v *simulate.Vertex) { v.Buffer = 400 })},
			func(t *testing.T, last snapshot.Checkpoints) {
				require.Greater(t, last.Last.Duration, 10*time.Second, "400 records wait at each subtask")
			},
		},
		"the sink stalls": {
			simulate.Job{Vertices: with(chain(simulate.Steady(100), 2000, 329), 1, stalls)},
			func(t *testing.T, last snapshot.Checkpoints) {
				require.Positive(t, last.FailedInARow())
				require.Contains(t, last.LastFailed.Message, "expired")
			},
		},
		"the job restarts": {
			simulate.Job{
				Vertices: chain(simulate.Steady(100), 2000, 2000),
				Restarts: []time.Duration{40500 * time.Millisecond, 100500 * time.Millisecond}, RestartTakes: 5 * time.Second,
			},
			func(t *testing.T, last snapshot.Checkpoints) { require.Equal(t, 2, last.Failed) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.job.Checkpointing = tenSeconds
			w := watch(t, flinktest.Flink23, &test.job)
			var last snapshot.Checkpoints
			for range 24 {
				job := w.poll()
				last = *job.Checkpoints
				w.holdsCheckpoints(last)
			}
			test.then(t, last)
		})
	}
}

func (w *watched) holdsCheckpoints(seen snapshot.Checkpoints) {
	w.t.Helper()
	var completed, failed int
	var inARow int64
	var last, running *simulate.Checkpoint
	for _, c := range w.job.Checkpoints() {
		switch {
		case c.Completed:
			completed, inARow, last = completed+1, 0, c
		case c.Failed:
			failed, inARow = failed+1, inARow+1
		default:
			running = c
		}
	}
	require.Equal(w.t, []int{completed, failed}, []int{seen.Completed, seen.Failed})
	require.Equal(w.t, inARow, seen.FailedInARow())
	require.Equal(w.t, last == nil, seen.Last == nil)
	if last != nil {
		require.Equal(w.t, last.Ended-last.Triggered, seen.Last.Duration)
		require.InDelta(w.t, (w.job.Since() - last.Ended).Seconds(), seen.Last.Age.Seconds(), simulate.Step.Seconds())
		require.InDelta(w.t, last.StateBytes, seen.Last.StateBytes, 0)
	}
	require.Equal(w.t, running == nil, seen.Running == nil)
	if running != nil {
		require.InDelta(w.t, (w.job.Since() - running.Triggered).Seconds(), seen.Running.Age.Seconds(),
			simulate.Step.Seconds())
		require.Equal(w.t, running.Acknowledged, seen.Running.Acknowledged)
	}
}
