package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// detailOf has a subtask for each share of time, on the TaskManager behind it.
func detailOf(skew float64, subtasks ...any) *collector.Detail {
	d := &collector.Detail{BusySkew: &skew}
	for i := 0; i < len(subtasks); i += 2 {
		busy := subtasks[i].(float64)
		d.Subtasks = append(d.Subtasks, collector.Subtask{Index: i / 2, Busy: &busy, TaskManager: subtasks[i+1].(string)})
	}
	return d
}

func TestControlOf(t *testing.T) {
	for name, c := range map[string]struct {
		detail *collector.Detail
		want   string
	}{
		"the nearest to the median":        {detailOf(1.8, 0.9, "hot", 0.1, "idle", 0.48, "usual", 0.5, "warm"), "warm"},
		"not beside the hot one":           {detailOf(1.8, 0.9, "hot", 0.5, "hot", 0.3, "other"), "other"},
		"not beside one nearly as hot":     {detailOf(1.8, 0.9, "hot", 0.8, "second", 0.5, "second", 0.2, "other"), "other"},
		"even load":                        {detailOf(1.29, 0.9, "hot", 0.7, "other"), ""},
		"one TaskManager runs all of them": {detailOf(1.8, 0.9, "hot", 0.5, "hot"), ""},
		"one that runs nowhere":            {detailOf(1.8, 0.9, "hot", 0.5, ""), ""},
		"no subtasks":                      {detailOf(1.8), ""},
		"unknown skew":                     {&collector.Detail{Subtasks: detailOf(1, 0.9, "hot", 0.1, "other").Subtasks}, ""},
	} {
		process, ok := controlOf(c.detail, "hot")
		require.Equal(t, c.want, process, name)
		require.Equal(t, c.want != "", ok, name)
	}
	process, ok := controlOf(detailOf(1.8, 0.9, "hot", 0.5, "target", 0.4, "other"), "target")
	require.True(t, ok)
	require.Equal(t, "other", process, "the target and the hottest may be two where the load moves")
}

// TestUnevenLoadHasAControl has one of two subtasks busy for 90 % of the time and the
// other, elsewhere, for half as much.
func TestUnevenLoadHasAControl(t *testing.T) {
	w := newWorld(t, "")
	w.profiling(t, "control: true")
	w.start(t)
	_, answer := w.webhook(t, map[string]string{"alertname": "ConsumerLag", "job": flinktest.JobName})
	require.Contains(t, answer, "1 accepted")
	ep := w.episodeOf(t, "ConsumerLag", api.Finished)
	require.NotEmpty(t, ep.Target.Control, ep.Target.Why)
	require.NotEqual(t, ep.Target.Process, ep.Target.Control)
	require.Contains(t, ep.Target.Why, "; its load is 1.3 times the median, so "+ep.Target.Control+", whose load is usual, is profiled to compare with")
	for i, want := range []episode.Profile{
		{Role: episode.Hot, Process: ep.Target.Process, Mode: "ITIMER"}, {Role: episode.Control, Process: ep.Target.Control, Mode: "ITIMER"},
	} {
		got := ep.Profiles[i]
		require.Equal(t, want, episode.Profile{Role: got.Role, Process: got.Process, Mode: got.Mode})
	}
	_, page := w.sidecar.get(t, "/metrics")
	require.Contains(t, page, "flink_sidecar_profiles_left 10")
	require.Contains(t, page, `flink_sidecar_profiles_total{mode="ITIMER",result="finished"} 2`)
}

func TestControlsAreNotJudgedButPaidFor(t *testing.T) {
	ep := episode.Episode{Profiles: []episode.Profile{{ID: "p", Role: episode.Control, Hash: "none"}}}
	profiles, warnings := (&gatherer{}).taken(ep)
	require.Empty(t, profiles)
	require.Empty(t, warnings)
	require.Equal(t, 3, runsOf(episode.Target{Modes: []string{"ALLOC", "ITIMER"}, Control: "tm-2"}))
	require.Equal(t, 2, runsOf(episode.Target{Modes: []string{"ALLOC", "ITIMER"}}))
}
