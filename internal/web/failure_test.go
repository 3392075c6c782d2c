package web

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// TestLastFailure has a cause that would break a page.
func TestLastFailure(t *testing.T) {
	now := time.Now()
	page := render(t, api.Status{At: now, Jobs: []api.Job{{Name: "j", LastFailure: &api.Failure{
		At: now.Add(-90 * time.Second), Class: "a.B", Cause: "a.B: <script>alert(1)</script>", TaskManager: "tm2",
	}}}}, emptyHistory{})
	require.Contains(t, text(element(t, page, "jobs")), "Last failure a.B on tm2 1 min 30 s ago")
	require.NotContains(t, text(element(t, page, "jobs")), "First of these failures")
}

// TestFirstFailure is beside the last one where they differ.
func TestFirstFailure(t *testing.T) {
	now := time.Now()
	page := render(t, api.Status{At: now, Jobs: []api.Job{{
		Name:         "j",
		LastFailure:  &api.Failure{At: now.Add(-90 * time.Second), Class: "a.NoSlots"},
		FirstFailure: &api.Failure{At: now.Add(-time.Hour), Class: "a.B", TaskManager: "tm2"},
	}}}, emptyHistory{})
	require.Contains(t, text(element(t, page, "jobs")),
		"Last failure a.NoSlots 1 min 30 s ago First of these failures a.B on tm2 1 h ago")
}
