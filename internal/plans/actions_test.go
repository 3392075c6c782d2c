package plans

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/annotations"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

// TestActionsOfARuleAreLeftOut compares the plan of an alert with what its rule switches off.
func TestActionsOfARuleAreLeftOut(t *testing.T) {
	full := loop.Plan{Profiler: &profiling.Service{}, Advisor: Advising{}}
	alert := episode.Alert{Rule: "mine", Source: episode.FromTrend}
	plan := For(full, loop.Plan{}, nil, untested)
	got, ok := plan(alert)
	require.True(t, ok)
	require.Equal(t, full, got)

	alert.Omit = []episode.Action{episode.ActionProfile}
	got, _ = plan(alert)
	_, err := got.Profiler.SelectTarget(t.Context(), alert)
	require.EqualError(t, err, "no profile: the rule mine has actions.profile: false (ask for one: sidecar advise)")
	require.IsType(t, rulesOnly{}, got.Advisor)

	alert.Omit = []episode.Action{episode.ActionAdvise, episode.ActionAnnotate}
	got, _ = plan(alert)
	require.Equal(t, full.Profiler, got.Profiler)
	require.IsType(t, noAdvice{}, got.Advisor)
	_, err = (&annotations.Annotations{}).Notify(t.Context(), episode.Episode{Alert: alert})
	require.EqualError(t, err, "left out: the rule mine has actions.annotate: false")
}

func untested(episode.JobRef) bool { return false }

// TestNoProfileFallsIntoAScaleTest: a trend or a trouble during a test of the job gets none, a person
// does.
func TestNoProfileFallsIntoAScaleTest(t *testing.T) {
	full := loop.Plan{Profiler: &profiling.Service{}, Advisor: Advising{}}
	plan := For(full, loop.Plan{}, nil, func(job episode.JobRef) bool { return job.Job == "orders" })
	alert := episode.Alert{Rule: "mine", Cluster: "c", Job: "orders"}
	for _, source := range []episode.Source{episode.FromTrend, episode.FromTrouble, episode.FromAlertmanager} {
		alert.Source = source
		got, ok := plan(alert)
		require.True(t, ok)
		_, err := got.Profiler.SelectTarget(t.Context(), alert)
		require.ErrorContains(t, err, "a scale test of the job is under way", source)
	}
	alert.Source = episode.FromCLI
	got, _ := plan(alert)
	require.Equal(t, full, got)
	alert.Source, alert.Job = episode.FromTrend, "another"
	got, _ = plan(alert)
	require.Equal(t, full, got)
}
