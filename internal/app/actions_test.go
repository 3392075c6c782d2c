package app

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
	full := loop.Plan{Profiler: &profiling.Service{}, Advisor: advising{}}
	alert := episode.Alert{Rule: "mine", Source: episode.FromTrend}
	plan := planFor(full, loop.Plan{}, nil)
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
