package profiling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

func TestOnlyEvidenceSaysWhyAProcessWentAway(t *testing.T) {
	now := time.Now()
	for cause, want := range map[string]string{
		"TaskManager with id tm1 is no longer reachable.":              "",
		"Connection unexpectedly closed by remote task manager 'tm1'.": "",
		"The heartbeat of TaskManager with id tm1 timed out.":          "",
		"The TaskExecutor is shutting down. tm1":                       "it was stopped from outside",
		"Pod tm1 terminated: [main(exitCode=143, reason=Error)]":       "it was stopped from outside (SIGTERM)",
		"Pod tm1 terminated: [main(exitCode=137, reason=OOMKilled)]":   "its container ran out of memory",
		"Pod tm1 terminated: [main(exitCode=137, reason=Error)]":       "",
		"Pod tm1 terminated: [main(exitCode=139, reason=Error)]":       "it crashed (SIGSEGV)",
		"Pod tm2 terminated: [main(exitCode=139, reason=Error)]":       "",
	} {
		state := snapshot.State{Jobs: []snapshot.Job{{
			Name: "orders", Lifecycle: snapshot.Lifecycle{LastFailure: &snapshot.Failure{At: now, Cause: cause}},
		}}}
		require.Equal(t, want, ending(state, "orders", "tm1", now.Add(-30*time.Second)), cause)
		require.Empty(t, ending(state, "orders", "tm1", now.Add(2*time.Minute)), "an earlier failure")
		require.Empty(t, ending(state, "payments", "tm1", now))
	}
}

// Seen: somebody killed the process, and its episode blamed the profile.
func TestInterruptedProfileIsNotBlamed(t *testing.T) {
	s, now, _, _ := newService(t, 12, flame.ITIMER)
	cluster, err := s.clusters.Profiled("eu")
	require.NoError(t, err)
	one := session{Service: s, cluster: cluster, target: episode.Target{Cluster: "eu", Job: "orders", Process: "tm1"}}
	failure := &profiler.Error{Outcome: profiler.Lost, Process: "tm1", Mode: flame.ITIMER}
	one.follow("tm1", time.Now(), failure)
	require.ErrorContains(t, failure,
		"ITIMER was interrupted: TaskManager tm1 went away while it was profiled; cause not known (")
	require.NotEmpty(t, s.budget.LockedOut(), "the precaution stays")

	now.state.Jobs[0].LastFailure = &snapshot.Failure{
		At: time.Now(), TaskManager: "tm1", Cause: "The TaskExecutor is shutting down",
	}
	one.follow("tm1", time.Now(), failure)
	require.ErrorContains(t, failure, "went away while it was profiled; it was stopped from outside (")
}
