package web

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
)

func TestPageOfChangePoints(t *testing.T) {
	handler := handlerOf(fullStatus, newHistory(t))
	_, shown := runsPage(t, handler, "/runs")
	require.NotContains(t, shown, "When did it change?", "nothing was looked for")
	handler.Changes = func() (points []changepoint.Point) {
		for i := range changesShown + 5 {
			points = append(points, changepoint.Point{
				ID: "older", Job: "orders", Figure: "latency_p99_seconds", At: start.Add(time.Duration(i) * time.Hour),
				State: changepoint.Confirmed, Direction: changepoint.Better, Before: 0.25, After: 0.2, ChangePercent: -20,
				Triage: episode.Untriaged,
			})
		}
		last := len(points) - 1
		points[last].ID, points[last].Job, points[last].Direction = "newest", "<i>billing</i>", changepoint.Worse
		points[last].Epochs = []changepoint.Epoch{{Key: "k", Began: start, Changes: []string{"plan <b>"}}}
		points[last].Triage, points[last].Note = episode.Positive, "the <new> brokers"
		return points
	}
	raw, shown := runsPage(t, handler, "/runs")
	for _, want := range []string{
		"When did it change?", "p99 s", "0.25", "-20.00 %", "confirmed", "none", "untriaged", "<i>billing</i>", "plan <b>",
		"positive: the <new> brokers", "sidecar history triage newest positive",
	} {
		require.Contains(t, shown, want)
	}
	require.Contains(t, raw, `class="state bad"`)
	require.NotContains(t, raw, "<i>billing")
	require.Len(t, pointRows(handler.Changes(), episode.JobRef{}), changesShown)
	_, shown = runsPage(t, handler, "/runs?job=orders")
	require.NotContains(t, shown, "billing")
}
