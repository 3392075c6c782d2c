package annotations

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
)

// regression is an evaluation that ended a time ago.
func regression(ago time.Duration) episode.Evaluation {
	began := time.Now().Add(-ago - time.Minute).UTC()
	return episode.Evaluation{
		ID: historytest.IDAt(began), Label: "v2", Cluster: "prod", Job: "orders", Began: began, Ended: began.Add(time.Minute),
		Verdict: episode.EvaluationRegression, Kind: episode.EvaluatedProbe, Fingerprint: "f",
		Judged: []episode.JudgedFigure{{
			Name: "latency_p99_seconds", Value: 2, Expected: new(1.0), WorsePercent: new(100.0), Outside: true,
		}},
	}
}

// TestRegressionsAreToldOnceGrafanaTakesThem: a refused token passes, a restart tells nothing twice,
// and an old regression is not told any more.
func TestRegressionsAreToldOnceGrafanaTakesThem(t *testing.T) {
	g := newGraphs(t)
	e := regression(time.Minute)
	for _, one := range []episode.Evaluation{e, regression(2 * followFor)} {
		require.NoError(t, g.store.PutEvaluation(one))
	}
	t.Setenv("SIDECAR_TEST_GRAPHS_TOKEN", "revoked")
	require.Error(t, g.look(t.Context(), followed))
	require.Empty(t, g.fake.Annotations())

	t.Setenv("SIDECAR_TEST_GRAPHS_TOKEN", "t")
	require.NoError(t, g.Restore())
	for range 2 {
		require.NoError(t, g.look(t.Context(), followed))
		all := g.fake.Annotations()
		require.Len(t, all, 1)
		require.Equal(t, "Large regression of job orders with v2: p99 s is worse by 100 % (2, expected 1)"+
			`<br><a href="http://page/runs" target="_blank">Evidence</a>`, all[0].Text)
		require.Equal(t, []int64{e.Began.UnixMilli(), e.Ended.UnixMilli()}, []int64{all[0].Time, all[0].TimeEnd})
		require.Contains(t, all[0].Tags, "rule:evaluation")
		require.NoError(t, g.Restore())
	}
	require.NoError(t, g.store.PutEvaluation(e))
	stored, err := g.store.Evaluations(e.JobRef(), "", 1)
	require.NoError(t, err)
	require.NotEmpty(t, stored[0].Announced.ID, "a repeated request does not forget it")
	g.Look()
	g.Look()
	require.Len(t, g.asked, 1)
}
