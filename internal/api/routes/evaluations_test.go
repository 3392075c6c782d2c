package routes_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// fullEvaluation has every field.
func fullEvaluation(n int) episode.Evaluation {
	v := 1.5
	return episode.Evaluation{
		ID: idAt(n), Label: "nightly", Cluster: "lab", Job: "orders", JobID: "j", EpochKey: "e",
		Began: time.Unix(1e9, 0).UTC(), Ended: time.Unix(1e9+60, 0).UTC(), Kind: episode.EvaluatedScaleTest,
		Fingerprint: "f", Environment: map[string]string{"parallelism": "2"},
		Figures: episode.EvaluationFigures{Throughput: &v, LatencyP99: &v, CPUPerMillion: &v}, Load: &v,
		ScaleTest: idAt(n), Episode: idAt(n), Accepted: true, Fresh: true, BaselineLabel: "main",
		Verdict: episode.EvaluationRegression,
		Judged: []episode.JudgedFigure{{
			Name: "throughput", Value: v, Accepted: 5, Last: &v, Expected: &v, Low: &v, High: &v, WorsePercent: &v,
			Outside: true,
		}},
		Notes: []string{"the LLM is paused (resume it)"},
	}
}

func TestEvaluationsThroughTheAPI(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) { s.Evaluations = s.Episodes.(routes.Evaluations) })
	client, err := api.NewClient(s.url, nil)
	require.NoError(t, err)
	require.NoError(t, client.PutEvaluation(t.Context(), fullEvaluation(1)))
	require.NoError(t, client.PutEvaluation(t.Context(), fullEvaluation(2)))
	list, err := client.Evaluations(t.Context(), episode.JobRef{Job: "orders"}, "", 1)
	require.NoError(t, err)
	require.Equal(t, []episode.Evaluation{fullEvaluation(2)}, list.Evaluations)
	require.Equal(t, fullEvaluation(2).ID, list.Next)
}

func TestEvaluationsThatAreRefused(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) { s.Evaluations = s.Episodes.(routes.Evaluations) })
	client, err := api.NewClient(s.url, nil)
	require.NoError(t, err)
	for want, change := range map[string]func(*episode.Evaluation){
		"an id":   func(e *episode.Evaluation) { e.ID = "x" },
		"future":  func(e *episode.Evaluation) { e.Ended = time.Now().Add(time.Hour) },
		"label":   func(e *episode.Evaluation) { e.Label = "" },
		"kind":    func(e *episode.Evaluation) { e.Kind = "guess" },
		"verdict": func(e *episode.Evaluation) { e.Verdict = "fine" },
	} {
		e := fullEvaluation(1)
		change(&e)
		err := client.PutEvaluation(t.Context(), e)
		var failure *api.Error
		require.ErrorAs(t, err, &failure, want)
		require.Equal(t, http.StatusBadRequest, failure.Status)
		require.ErrorContains(t, err, want)
	}
}
