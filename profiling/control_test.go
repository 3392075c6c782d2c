package profiling

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// detailOf has a subtask for each share of time, on the TaskManager behind it.
func detailOf(skew float64, subtasks ...any) *snapshot.Detail {
	d := &snapshot.Detail{BusySkew: &skew}
	for i := 0; i < len(subtasks); i += 2 {
		busy := subtasks[i].(float64)
		d.Subtasks = append(d.Subtasks,
			snapshot.Subtask{Index: i / 2, Busy: &busy, TaskManager: subtasks[i+1].(string)})
	}
	return d
}

func TestControlOf(t *testing.T) {
	for name, c := range map[string]struct {
		detail *snapshot.Detail
		want   string
	}{
		"the nearest to the median": {
			detailOf(1.8, 0.9, "hot", 0.1, "idle", 0.48, "usual", 0.5, "warm"),
			"warm",
		},
		"not beside the hot one": {detailOf(1.8, 0.9, "hot", 0.5, "hot", 0.3, "other"), "other"},
		"not beside one nearly as hot": {
			detailOf(1.8, 0.9, "hot", 0.8, "second", 0.5, "second", 0.2, "other"),
			"other",
		},
		"even load":                        {detailOf(1.29, 0.9, "hot", 0.7, "other"), ""},
		"one TaskManager runs all of them": {detailOf(1.8, 0.9, "hot", 0.5, "hot"), ""},
		"one that runs nowhere":            {detailOf(1.8, 0.9, "hot", 0.5, ""), ""},
		"no subtasks":                      {detailOf(1.8), ""},
		"unknown skew": {&snapshot.Detail{Subtasks: detailOf(1, 0.9, "hot", 0.1,
			"other").Subtasks}, ""},
	} {
		process, ok := controlOf(c.detail, "hot")
		require.Equal(t, c.want, process, name)
		require.Equal(t, c.want != "", ok, name)
	}
	process, ok := controlOf(detailOf(1.8, 0.9, "hot", 0.5, "target", 0.4, "other"), "target")
	require.True(t, ok)
	require.Equal(t, "other", process, "the target and the hottest may be two where the load moves")
}
