package testrun

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// earlier are two runs, newest first. Tests of the older one go on after the newer began.
var earlier = []scalerun.Test{
	{Run: "old", Label: "late change"},
	{Run: "new", Label: "change"},
	{Run: "new", Label: "base", OpensRun: true, Environment: map[string]string{"parallelism": "2"}},
	{Run: "old", Label: "old base", OpensRun: true, Environment: map[string]string{"parallelism": "1"}},
}

func TestRunThatATestJoins(t *testing.T) {
	for name, tc := range map[string]struct {
		plan  scaletest.Plan
		tests []scalerun.Test
		want  scaletest.Subject
	}{
		"the first test opens a run": {
			scaletest.Plan{Label: "x"},
			nil,
			scaletest.Subject{Run: "2026-03-01T12:00:00Z", Baseline: true, Opens: true},
		},
		"further labels join the newest": {
			scaletest.Plan{Label: "x"},
			earlier,
			scaletest.Subject{Run: "new", Reference: map[string]string{"parallelism": "2"}},
		},
		"the baseline's label is the baseline": {
			scaletest.Plan{Label: "base"},
			earlier,
			scaletest.Subject{Run: "new", Baseline: true, Reference: map[string]string{"parallelism": "2"}},
		},
		"a named run": {
			scaletest.Plan{Label: "x", Run: "old"},
			earlier,
			scaletest.Subject{Run: "old", Reference: map[string]string{"parallelism": "1"}},
		},
		"the run of evaluations is not the newest": {
			scaletest.Plan{Label: "x"},
			append([]scalerun.Test{{Run: scalerun.OfEvaluations, Label: "night", OpensRun: true}}, earlier...),
			scaletest.Subject{Run: "new", Reference: map[string]string{"parallelism": "2"}},
		},
		"evaluations join theirs": {
			scaletest.Plan{Label: "x", Run: scalerun.OfEvaluations},
			append([]scalerun.Test{{Run: scalerun.OfEvaluations, Label: "night", OpensRun: true}}, earlier...),
			scaletest.Subject{Run: scalerun.OfEvaluations},
		},
		"a new named run": {
			scaletest.Plan{Label: "x", Run: "mine"},
			earlier,
			scaletest.Subject{Run: "mine", Baseline: true, Opens: true},
		},
		"a baseline opens a run": {
			scaletest.Plan{Label: "x", Baseline: true},
			earlier,
			scaletest.Subject{Run: "2026-03-01T12:00:00Z", Baseline: true, Opens: true},
		},
	} {
		var got scaletest.Subject
		require.NoError(t, joinRun(&got, &tc.plan, tc.tests, now), name)
		require.Equal(t, tc.want, got, name)
	}
	var got scaletest.Subject
	require.ErrorContains(t, joinRun(&got, &scaletest.Plan{Baseline: true, Run: "old"}, earlier, now),
		"choose another --run")
}

// TestTodaysInput has measurements of 1 to 100 records per second: by definition 7 of
// Hyndman and Fan their 95 % quantile is 95.05.
