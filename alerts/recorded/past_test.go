package recorded

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

var until = time.Unix(1_800_000_000, 0)

func source(t *testing.T, handler http.HandlerFunc) *Source {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s, err := New(alerts.PrometheusConfig{URL: server.URL + "/", HTTP: commoncfg.DefaultHTTPClientConfig})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// ramp is an answer with one series, a value a minute for an hour.
func ramp(metric string) string {
	var values []string
	for m := range 60 {
		values = append(values, fmt.Sprintf("[%d,\"%d\"]", until.Unix()-int64(3600-60*m), m))
	}
	return `{"status":"success","data":{"resultType":"matrix","result":[{"metric":` + metric + `,"values":[` +
		strings.Join(values, ",") + `]}]}}`
}

func TestWindowsAreRefilled(t *testing.T) {
	s := source(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/query_range" || !strings.Contains(r.FormValue("query"), "flink_job_headroom_ratio") ||
			r.FormValue("step") != "60" {
			http.Error(w, "unexpected request", http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, ramp(`{"__name__":"flink_job_headroom_ratio","cluster":"c","exported_job":"orders","job":"scrape"}`))
	})
	past, err := s.Past(t.Context(), until.Add(-time.Hour), until, time.Minute, snapshot.Labels{})
	require.NoError(t, err)
	require.Len(t, past, 60)

	trends := alerts.NewTrends(alerts.DefaultConfig(), slog.New(slog.DiscardHandler))
	trends.Hold()
	now := signal.Observation{
		Signal: "headroom", Labels: snapshot.Labels{Cluster: "c", Job: "orders"}, Sample: series.Sample{T: until, V: 60},
	}
	trends.Observe(now)
	require.Empty(t, trends.All(), "it is held")
	trends.Refill(past)
	trends.Tick(until)
	require.Len(t, trends.All(), 1)
	trend := trends.All()[0]
	require.Equal(t, 56, trend.Samples, "an hour and the present, less five minutes of settling")
	require.InDelta(t, 60, *trend.Level, 0)
}

func TestLastLifeIsTheFirst(t *testing.T) {
	got := presentLives([]signal.Observation{
		{Labels: snapshot.Labels{Process: "tm-1"}, ProcessID: "tm-1/0"},
		{Labels: snapshot.Labels{Process: "tm-1"}, ProcessID: "tm-1/1"},
		{Labels: snapshot.Labels{Process: "tm-2"}, ProcessID: "tm-2/0"},
		{Labels: snapshot.Labels{Job: "orders"}},
	})
	require.Equal(t, "before tm-1/0", got[0].ProcessID)
	require.Equal(t, "tm-1/0", got[1].ProcessID)
	require.Equal(t, "tm-2/0", got[2].ProcessID)
	require.Empty(t, got[3].ProcessID)
}

func TestFaultsSayThatTrendsBeginEmpty(t *testing.T) {
	for name, answer := range map[string]string{
		"refused": `{"status":"error","error":"too many samples"}`, "not Prometheus": "<html>", "empty": "",
	} {
		t.Run(name, func(t *testing.T) {
			s := source(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) })
			_, err := s.Past(t.Context(), until.Add(-time.Hour), until, time.Minute, snapshot.Labels{})
			require.ErrorContains(t, err, "(they begin empty)")
		})
	}
}
