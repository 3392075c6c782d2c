package web

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestEvaluationsOnThePage: verdict, worst figure, and the way to the advice.
func TestEvaluationsOnThePage(t *testing.T) {
	past := newHistory(t)
	for n, verdict := range []episode.EvaluationVerdict{episode.EvaluationFine, episode.EvaluationRegression} {
		require.NoError(t, past.PutEvaluation(episode.Evaluation{
			ID: idAt(n + 1), Label: "<b>v2", Cluster: "local", Job: "orders", Began: start.Add(time.Duration(n) * time.Minute),
			Verdict: verdict, Accepted: n == 0, Episode: idAt(9),
			Judged: []episode.JudgedFigure{
				{Name: "throughput", WorsePercent: new(12.0)},
				{Name: "latency_p99_seconds", WorsePercent: new(45.5), Outside: true},
			},
		}))
	}
	raw, shown := runsPage(t, handlerOf(fullStatus, past), "/runs")
	for _, want := range []string{
		"Evaluations", "<b>v2", "large regression", "p99 s worse by +45.50 %", "no large regression", "yes", "no",
	} {
		require.Contains(t, shown, want)
	}
	require.Contains(t, raw, `href="episodes/`+idAt(9)+`"`)
	_, shown = runsPage(t, handlerOf(fullStatus, brokenHistory{}), "/runs")
	require.Contains(t, shown, "Evaluations cannot be read")
	_, shown = runsPage(t, handlerOf(fullStatus, newHistory(t)), "/runs")
	require.NotContains(t, shown, "Evaluations")
}
