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
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded/recordedtest"
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
	past, err := s.Past(t.Context(), Wanted{Until: until, Window: time.Hour, Step: time.Minute, Clusters: []string{"c"}})
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

// TestEarlierDaysComeToo asks for three days a quarter of an hour apart, before a dense window.
func TestEarlierDaysComeToo(t *testing.T) {
	p := recordedtest.New(t, map[string]string{"__name__": "flink_job_headroom_ratio", "cluster": "c", "job": "orders"},
		func(unix float64) float64 { return unix })
	past, err := at(t, p.URL).Past(t.Context(), Wanted{
		Until: until, Window: 2 * time.Hour, Step: time.Minute, Earlier: alerts.Earlier, EarlierStep: alerts.EarlierStep,
		Clusters: []string{"c"},
	})
	require.NoError(t, err)
	require.Equal(t, until.Add(-74*time.Hour), past[0].Sample.T.In(until.Location()))
	require.True(t, past[len(past)-1].Sample.T.Equal(until))
	quarters := 0
	for i, o := range past[1:] {
		gap := o.Sample.T.Sub(past[i].Sample.T)
		require.Positive(t, gap)
		if gap == 15*time.Minute {
			quarters++
		}
	}
	require.Equal(t, 3*96, quarters)
}

// TestOnlyOurClustersAreRefilled: one Prometheus scrapes two sidecars, also without honor_labels.
func TestOnlyOurClustersAreRefilled(t *testing.T) {
	line := func(name, labels, value string) string {
		return fmt.Sprintf(`{"metric":{"__name__":%q,%s},"values":[[%d,%q]]}`, name, labels, until.Unix(), value)
	}
	const buckets = "flink_sidecar_probe_latency_seconds_bucket"
	s := source(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[`+strings.Join([]string{
			line("flink_job_headroom_ratio", `"cluster":"ours","job":"orders","instance":"a:1"`, "1"),
			line("flink_job_headroom_ratio", `"cluster":"theirs","job":"orders","instance":"b:1"`, "2"),
			line("flink_job_headroom_ratio", `"cluster":"k8s","exported_cluster":"ours","exported_job":"bills","job":"x","instance":"a:1"`, "3"),
			line("flink_job_headroom_ratio", `"cluster":"ours","exported_cluster":"theirs","exported_job":"bills","job":"x","instance":"b:1"`, "4"),
			line("flink_tm_memory_used_bytes", `"cluster":"ours","taskmanager":"tm-1","area":"metaspace","instance":"a:1"`, "5"),
			line(buckets, `"hop":"visible","le":"1","instance":"a:1"`, "6"),
			line(buckets, `"hop":"visible","le":"1","instance":"b:1"`, "7"),
		}, ",")+`]}}`)
	})
	past, err := s.Past(t.Context(), Wanted{Until: until, Window: time.Hour, Step: time.Hour, Clusters: []string{"ours"}})
	require.NoError(t, err)
	got := map[string]float64{}
	for _, o := range past {
		require.Equal(t, "ours", o.Labels.Cluster)
		got[string(o.Signal)+o.Labels.Job+o.Labels.Process] = o.Sample.V
	}
	require.Equal(t, map[string]float64{"headroomorders": 1, "headroombills": 3, "metaspace-usedtm-1": 5}, got)

	page, found := newOurs([]string{"ours"}), []signal.Series{
		{Name: buckets, Labels: map[string]string{"instance": "a:1"}, Value: 6},
		{Name: buckets, Labels: map[string]string{"instance": "b:1"}, Value: 7},
		{Name: "flink_job_headroom_ratio", Labels: map[string]string{"cluster": "ours", "instance": "a:1"}, Value: 1},
	}
	kept := page.of(found)
	require.Len(t, kept, 2)
	require.InDelta(t, 6, kept[1].Value, 0, "the probe of our sidecar")
}

func TestLastLifeIsTheFirst(t *testing.T) {
	got := PresentLives([]signal.Observation{
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
			_, err := s.Past(t.Context(), Wanted{Until: until, Window: time.Hour, Step: time.Minute, Clusters: []string{"c"}})
			require.ErrorContains(t, err, "refilling the trends: ")
		})
	}
}
