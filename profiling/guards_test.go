package profiling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestGuards(t *testing.T) {
	now := time.Now()
	job := func(uptime float64, last, failed time.Duration) snapshot.Job {
		j := snapshot.Job{
			Name: "orders", Lifecycle: snapshot.Lifecycle{Uptime: &uptime},
			Checkpoints: &snapshot.Checkpoints{},
		}
		if last > 0 {
			j.Checkpoints.Last = &snapshot.Checkpoint{ID: 6, Finished: now.Add(-last), Age: last}
		}
		if failed > 0 {
			j.Checkpoints.LastFailed = &snapshot.FailedCheckpoint{ID: 7, Failed: now.Add(-failed), Age: failed}
		}
		return j
	}
	thrice := job(600, 2*time.Minute, time.Minute)
	thrice.Checkpoints.LastFailed.ID = 9
	require.EqualError(t, guard(thrice),
		"profiling: orders: the job's checkpoints are in trouble: 3 failed in a row, the last 1 min ago "+
			"(see its checkpoints in Flink's UI, or run sidecar profile take)")
	never := job(600, 0, time.Minute)
	never.Checkpoints.Failed = 2
	require.ErrorContains(t, guard(never), "2 failed in a row, the last 1 min ago")
	require.EqualError(t, guard(snapshot.Job{Name: "orders", Known: true, State: "RESTARTING"}),
		"profiling: orders: the job does no work: it is RESTARTING (ask again when it runs)")
	restarted := job(20, 0, 0)
	restarted.Restarts = new(2.0)
	require.EqualError(t, guard(restarted), "profiling: orders: the job has just restarted: it has run again for "+
		"20 s (wait for a minute, or run sidecar profile take)")
	again := job(61, 0, 0)
	again.Restarts = new(2.0)
	for name, settled := range map[string]snapshot.Job{
		"runs":                    job(600, time.Minute, 0),
		"has just started":        job(5, 0, 0),
		"restarted long ago":      again,
		"failed one":              job(600, 2*time.Minute, time.Minute),
		"completed one since":     job(600, time.Second, time.Minute),
		"failed one long ago":     job(600, 0, 6*time.Minute),
		"nothing is known of it":  {},
		"takes no checkpoints":    {Checkpoints: nil},
		"none was completed ever": job(600, 0, 0),
	} {
		require.Nil(t, guard(settled), name)
	}
}
