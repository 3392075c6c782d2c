package notices

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
	"github.com/flink-sidecar/flink-sidecar/internal/annotations"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// noticed is what Alertmanager and Grafana were told.
type noticed struct {
	mu     sync.Mutex
	alerts []map[string]any // of the last request
}

// newEvaluations is the evaluations of a sidecar with an Alertmanager and a Grafana.
func newEvaluations(t *testing.T) (*Evaluations, *noticed, *grafanatest.Server) {
	t.Helper()
	got := &noticed{}
	alertmanager := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.mu.Lock()
		defer got.mu.Unlock()
		got.alerts = nil
		_ = json.Unmarshal(body, &got.alerts) // a test that looks at them fails
	}))
	t.Cleanup(alertmanager.Close)
	sender, err := notify.New(notify.Alertmanager{
		URLs: []string{alertmanager.URL}, Timeout: model.Duration(time.Minute), Repeat: model.Duration(time.Minute),
	}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	fake := &grafanatest.Server{Token: "t"}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	cfg := grafana.DefaultConfig()
	cfg.URL, cfg.TokenFile = server.URL, filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(cfg.TokenFile, []byte("t"), 0o600))
	marker, err := grafana.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { marker.Close(); sender.Close() })
	store, log := historytest.Open(t), slog.New(slog.DiscardHandler)
	return &Evaluations{
		Store: store, Sender: sender, Annotations: annotations.New(marker, store, "http://page", log), Page: "http://page", Log: log,
		judged: map[episode.JobRef]judgement{},
	}, got, fake
}

func evaluationOf(at time.Time, verdict episode.EvaluationVerdict) episode.Evaluation {
	return episode.Evaluation{
		ID: historytest.IDAt(at), Label: "v2", Cluster: "prod", Job: "orders", Began: at.UTC(), Ended: at.Add(time.Second).UTC(),
		Verdict: verdict, Kind: episode.EvaluatedProbe, Fingerprint: "f",
		Judged: []episode.JudgedFigure{{
			Name: "latency_p99_seconds", Value: 2, Expected: new(1.0), Low: new(0.9), High: new(1.1),
			WorsePercent: new(100.0), Outside: true,
		}},
	}
}

// TestRegressionIsToldUntilItIsOver: the alert keeps its beginning, the annotation is made once
// for each evaluation, one that could not be judged changes nothing, and a good one ends it.
func TestRegressionIsToldUntilItIsOver(t *testing.T) {
	e, got, fake := newEvaluations(t)
	began := time.Now().Add(-5 * time.Minute).Truncate(time.Second)
	put := func(minutes int, verdict episode.EvaluationVerdict) map[string]any {
		require.NoError(t, e.PutEvaluation(evaluationOf(began.Add(time.Duration(minutes)*time.Minute), verdict)))
		got.mu.Lock()
		defer got.mu.Unlock()
		if len(got.alerts) == 0 {
			return nil
		}
		require.Len(t, got.alerts, 1)
		return got.alerts[0]
	}
	require.Nil(t, put(0, episode.EvaluationFine))
	require.Zero(t, testutil.ToFloat64(e))
	alert := put(1, episode.EvaluationRegression)
	require.Equal(t, began.Add(time.Minute).UTC().Format(time.RFC3339), alert["startsAt"])
	require.Contains(t, alert["annotations"].(map[string]any)["summary"],
		"Large regression of job orders with v2: p99 s is worse by 100 % (2, expected 1)")
	require.InDelta(t, 1, testutil.ToFloat64(e), 0)
	require.Equal(t, alert["startsAt"], put(2, episode.EvaluationRegression)["startsAt"])
	require.Equal(t, alert["startsAt"], put(3, episode.EvaluationTooFew)["startsAt"])
	require.Len(t, fake.Annotations(), 2)
	require.Regexp(t, `^Large regression of job [^\n]*<br><a href="http://page/(runs|episodes/\w+)" `, fake.Annotations()[0].Text)
	ends, err := time.Parse(time.RFC3339, put(4, episode.EvaluationFine)["endsAt"].(string))
	require.NoError(t, err)
	require.True(t, ends.Before(time.Now()), "it is over")
	require.Zero(t, testutil.ToFloat64(e))
}

// TestRegressionOfAnEarlierProcess: a new process takes it over, with its beginning.
func TestRegressionOfAnEarlierProcess(t *testing.T) {
	e, got, _ := newEvaluations(t)
	began := time.Now().Add(-time.Hour).Truncate(time.Second)
	require.NoError(t, e.Store.PutEvaluation(evaluationOf(began, episode.EvaluationRegression)))
	require.NoError(t, e.Restore())
	require.NoError(t, e.Sender.Send(t.Context()))
	require.Len(t, got.alerts, 1)
	require.True(t, strings.HasPrefix(got.alerts[0]["startsAt"].(string), began.UTC().Format("2006-01-02T15:04")))
	require.Equal(t, "http://page/runs", got.alerts[0]["generatorURL"])
}

// TestABranchHasAnAlertOfItsOwn: neither does it end that of the version in production, nor does it
// hide it, and the metric says which of them regressed.
func TestABranchHasAnAlertOfItsOwn(t *testing.T) {
	e, got, _ := newEvaluations(t)
	began := time.Now().Add(-5 * time.Minute).Truncate(time.Second)
	put := func(minutes int, label string, verdict episode.EvaluationVerdict) (firing []string) {
		one := evaluationOf(began.Add(time.Duration(minutes)*time.Minute), verdict)
		one.Label = label
		require.NoError(t, e.PutEvaluation(one))
		got.mu.Lock()
		defer got.mu.Unlock()
		for _, a := range got.alerts {
			ends, err := time.Parse(time.RFC3339, a["endsAt"].(string))
			require.NoError(t, err)
			labels := a["labels"].(map[string]any)
			require.Equal(t, "probe", labels["kind"])
			require.NotContains(t, labels, "baseline_label", "an empty label is none")
			if ends.After(time.Now()) {
				firing = append(firing, labels["label"].(string))
			}
		}
		slices.Sort(firing)
		return firing
	}
	require.Equal(t, []string{"night"}, put(0, "night", episode.EvaluationRegression))
	require.Equal(t, []string{"night"}, put(1, "branch", episode.EvaluationFine))
	require.Equal(t, []string{"branch", "night"}, put(2, "branch", episode.EvaluationRegression))
	require.Equal(t, []string{"branch"}, put(3, "night", episode.EvaluationFine))
	require.NoError(t, testutil.CollectAndCompare(e, strings.NewReader(`
# HELP flink_sidecar_evaluation_regression `+regressionHelp+`
# TYPE flink_sidecar_evaluation_regression gauge
flink_sidecar_evaluation_regression{cluster="prod",job="orders",kind="probe",label="branch"} 1
flink_sidecar_evaluation_regression{cluster="prod",job="orders",kind="probe",label="night"} 0
`)))
	require.Empty(t, put(4, "branch", episode.EvaluationFine))
}

// TestSeriesOfEvaluationsAreBounded: names that are equal after they are shortened are one series, no
// more than a hundred are exported, and those of regressions come first.
func TestSeriesOfEvaluationsAreBounded(t *testing.T) {
	e := &Evaluations{judged: map[episode.JobRef]judgement{}}
	long := strings.Repeat("x", 300)
	for _, end := range []string{"a", "b"} {
		e.judged[episode.JobRef{Job: long + end}] = judgement{newest: []outcome.Subject{{}}}
	}
	require.Equal(t, 1, testutil.CollectAndCount(e))
	for i := range 2 * maxEvaluated {
		e.judged[episode.JobRef{Job: fmt.Sprint(i)}] = judgement{newest: []outcome.Subject{{}}}
	}
	e.judged[episode.JobRef{Job: "slow"}] = judgement{standing: []outcome.Regression{{}}}
	require.Equal(t, maxEvaluated, testutil.CollectAndCount(e))
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(e)
	families, err := registry.Gather()
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(families[0].Metric, func(m *dto.Metric) bool { return m.GetGauge().GetValue() > 0 }))
}
