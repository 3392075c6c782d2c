package webhook

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// queue is a Sink that records the alerts it gets and returns configured answers.
type queue struct {
	mu      sync.Mutex
	alerts  []episode.Alert
	decline string // the reason, if it declines
	full    error
}

func (q *queue) Submit(alert episode.Alert) (accepted bool, reason string, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.full != nil {
		return false, "", q.full
	}
	q.alerts = append(q.alerts, alert)
	return q.decline == "", q.decline, nil
}

func (q *queue) taken() []episode.Alert {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.alerts
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newWebhook(t *testing.T, c Config, sink Sink) *Handler {
	t.Helper()
	w := New(c, sink, discard())
	t.Cleanup(func() {
		problems, err := testutil.CollectAndLint(w)
		require.NoError(t, err)
		require.Empty(t, problems)
	})
	return w
}

// post sends a body as Alertmanager does and returns the answer.
func post(w http.Handler, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/alertmanager/webhook",
		strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Alertmanager/0.34.2")
	for _, c := range change {
		c(r)
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	return rec
}

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func body(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(raw)
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(t, err)
	return at
}

// TestWebhooksOfThreeVersions sends the recorded bodies of Alertmanager unchanged.
func TestWebhooksOfThreeVersions(t *testing.T) {
	firing := episode.Alert{
		Rule: "KafkaLagWillBreachSLO", Source: episode.FromAlertmanager, Cluster: "lab", Job: "sidecar",
		Labels:   episode.JobLabels{Scrape: true},
		Severity: "page", Runbook: "https://example.invalid/runbook",
		Summary:  "lag on events predicted 3.649k in 60s",
		StartsAt: instant(t, "2026-11-22T18:51:21.213Z"), Fingerprint: "bc0f3ad3a0cb751c",
	}
	over := firing
	over.Summary = "lag on events predicted 4.885k in 60s"
	over.ResolvedAt = instant(t, "2026-11-22T18:52:11.213Z")

	for file, want := range map[string]struct {
		alert  episode.Alert
		answer string
	}{
		"alertmanager-0.25.0-firing.json":   {firing, "1 accepted, 0 merged, 0 declined, 0 resolved, 0 own, 0 invalid\n"},
		"alertmanager-0.25.0-resolved.json": {over, "0 accepted, 0 merged, 0 declined, 1 resolved, 0 own, 0 invalid\n"},
		"alertmanager-0.31.1-firing.json": {episode.Alert{
			Rule: "X", Source: episode.FromAlertmanager, Summary: "s", Severity: "page",
			StartsAt: instant(t, "2026-11-22T18:57:38.377289762Z"), Fingerprint: "1efb09bd1b43c88a",
		}, "1 accepted, 0 merged, 0 declined, 0 resolved, 0 own, 0 invalid\n"},
		"alertmanager-0.34.2-firing.json": {episode.Alert{
			Rule: "Y34", Source: episode.FromAlertmanager, Summary: "s", Severity: "warn",
			StartsAt: instant(t, "2026-11-22T18:59:38.776912194Z"), Fingerprint: "e781fb829b6520af",
		}, "1 accepted, 0 merged, 0 declined, 0 resolved, 0 own, 0 invalid\n"},
	} {
		t.Run(file, func(t *testing.T) {
			q := &queue{}
			rec := post(newWebhook(t, Config{}, q), body(t, file))
			require.Equal(t, http.StatusAccepted, rec.Code)
			require.Equal(t, want.answer, rec.Body.String())
			require.Equal(t, []episode.Alert{want.alert}, q.taken())
		})
	}
}

func TestOneBodyWithAllKindsOfAlerts(t *testing.T) {
	const mixed = `{"version":"4","truncatedAlerts":7,"alerts":[
		{"status":"firing","labels":{"alertname":"FlinkSidecarHeap","rule":"heap-after-gc","cluster":"k8s","exported_cluster":"prod","job":"scrape","exported_job":"orders","vertex":"cbc357","process":"tm-3"},"annotations":{"summary":"heap"},"startsAt":"2026-03-01T12:00:00Z","fingerprint":"f1"},
		{"status":"resolved","labels":{"alertname":"Lag","job":"orders"},"startsAt":"2026-03-01T11:00:00Z","endsAt":"2026-03-01T12:00:00Z","fingerprint":"f2"},
		{"status":"firing","labels":{"alertname":"SidecarTrend","origin":"flink-sidecar"},"startsAt":"2026-03-01T12:00:00Z","fingerprint":"f3"},
		{"status":"firing","labels":{"severity":"page"},"startsAt":"2026-03-01T12:00:00Z","fingerprint":"f4"},
		{"status":"suppressed","labels":{"alertname":"Lag"},"startsAt":"2026-03-01T12:00:00Z","fingerprint":"f5"}]}`
	q := &queue{}
	w := newWebhook(t, Config{}, q)
	rec := post(w, mixed)
	require.Equal(t, http.StatusAccepted, rec.Code)
	require.Equal(t, "1 accepted, 0 merged, 0 declined, 1 resolved, 1 own, 2 invalid\n", rec.Body.String())

	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	require.Equal(t, []episode.Alert{
		{
			Rule: "heap-after-gc", Source: episode.FromAlertmanager, Cluster: "prod", Job: "orders", Vertex: "cbc357",
			Process: "tm-3", Summary: "heap", StartsAt: noon, Fingerprint: "f1",
		},
		{
			Rule: "Lag", Source: episode.FromAlertmanager, Job: "orders", Labels: episode.JobLabels{Scrape: true},
			StartsAt: noon.Add(-time.Hour), ResolvedAt: noon, Fingerprint: "f2",
		},
	}, q.taken())

	require.NoError(t, testutil.CollectAndCompare(w, strings.NewReader(`
# HELP flink_sidecar_webhook_alerts_total Alerts that Alertmanager sent, by result.
# TYPE flink_sidecar_webhook_alerts_total counter
flink_sidecar_webhook_alerts_total{result="accepted"} 1
flink_sidecar_webhook_alerts_total{result="declined"} 0
flink_sidecar_webhook_alerts_total{result="invalid"} 2
flink_sidecar_webhook_alerts_total{result="merged"} 0
flink_sidecar_webhook_alerts_total{result="own"} 1
flink_sidecar_webhook_alerts_total{result="refused"} 0
flink_sidecar_webhook_alerts_total{result="resolved"} 1
flink_sidecar_webhook_alerts_total{result="truncated"} 7
# HELP flink_sidecar_webhook_requests_total Requests to the webhook, by status code.
# TYPE flink_sidecar_webhook_requests_total counter
flink_sidecar_webhook_requests_total{code="202"} 1
`)))
}

func TestWebhookErrors(t *testing.T) {
	const minimal = `{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"X"}}]}`
	tokenFile := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(tokenFile, []byte("s3cr3t\n"), 0o600))
	right := bearer("s3cr3t")

	for name, tc := range map[string]struct {
		body   string
		change func(*http.Request)
		code   int
		text   string
	}{
		"GET": {
			"", func(r *http.Request) { r.Method = http.MethodGet }, 405,
			"the webhook takes POST only",
		},
		"no token":        {minimal, func(*http.Request) {}, 401, "the bearer token is missing or wrong"},
		"wrong token":     {minimal, bearer("s3cr3T"), 401, "the bearer token is missing or wrong"},
		"part of a token": {minimal, bearer("s3cr3"), 401, "the bearer token is missing or wrong"},
		"basic": {
			minimal, func(r *http.Request) { r.SetBasicAuth("sidecar", "s3cr3t") }, 401,
			"the bearer token is missing or wrong",
		},
		"a form": {minimal, func(r *http.Request) {
			right(r)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}, 415, "the webhook takes application/json only"},
		"no type": {minimal, func(r *http.Request) {
			right(r)
			r.Header.Del("Content-Type")
		}, 415, "the webhook takes application/json only"},
		"nothing": {
			"", right, 400,
			"the body is not a webhook of Alertmanager: unexpected end of JSON input",
		},
		"cut off": {
			minimal[:40], right, 400,
			"the body is not a webhook of Alertmanager: unexpected end of JSON input",
		},
		"not JSON": {
			"alert!", right, 400,
			"the body is not a webhook of Alertmanager: invalid character 'a' looking for beginning of value",
		},
		"two bodies": {
			minimal + minimal, right, 400,
			"the body is not a webhook of Alertmanager: invalid character '{' after top-level value",
		},
		"a bad time": {
			`{"version":"4","alerts":[{"startsAt":"noon"}]}`, right, 400,
			`the body is not a webhook of Alertmanager: parsing time "noon" as "2006-01-02T15:04:05Z07:00": cannot parse "noon" as "2006"`,
		},
		"no version": {
			`{"alerts":[]}`, right, 400,
			`the body has version "" of the webhook, which is neither Alertmanager's "4" nor Grafana's "1"`,
		},
		"version 5": {
			`{"version":"5","alerts":[]}`, right, 400,
			`the body has version "5" of the webhook, which is neither Alertmanager's "4" nor Grafana's "1"`,
		},
		"no alert at all": {
			`{"version":"4","alerts":[{"status":"firing","labels":{}}]}`, right, 400,
			"no alert in the body has a label alertname, a status firing or resolved, and times of RFC 3339",
		},
		"no list of alerts": {
			"[1]", right, 400,
			"the body is not a list of alerts of Alertmanager's API v2: json: cannot unmarshal number into Go value of " +
				"type webhook.amAlert",
		},
		"larger than 16MiB": {
			`{"version":"4","receiver":"` + strings.Repeat("x", maxBody) + `"}`, right, 413,
			"the body is larger than 16777216 bytes (set max_alerts in Alertmanager's webhook_config)",
		},
		"too deep": {
			`{"x":` + strings.Repeat("[", 100_000), right, 400,
			"the body is not a webhook of Alertmanager: invalid character '[' exceeded max depth",
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := &queue{}
			rec := post(newWebhook(t, Config{TokenFile: tokenFile}, q), tc.body, tc.change)
			require.Equal(t, tc.text+"\n", rec.Body.String())
			require.Equal(t, tc.code, rec.Code)
			require.Equal(t, "text/plain; charset=utf-8", rec.Header().Get("Content-Type"))
			require.Empty(t, q.taken())
		})
	}

	require.Equal(t, "Bearer", post(newWebhook(t, Config{TokenFile: tokenFile}, &queue{}),
		minimal).Header().Get("WWW-Authenticate"))
	require.Equal(t, http.StatusAccepted,
		post(newWebhook(t, Config{TokenFile: tokenFile}, &queue{}), minimal, right).Code)
}

func TestEmptyListIsAccepted(t *testing.T) {
	rec := post(newWebhook(t, Config{}, &queue{}), `{"version":"4","alerts":[]}`)
	require.Equal(t, http.StatusAccepted, rec.Code)
}

func TestTokenChangesWithoutARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	w := newWebhook(t, Config{TokenFile: path}, &queue{})
	fire := body(t, "alertmanager-0.34.2-firing.json")

	// It is a fault of the sidecar, so Alertmanager must not drop the alert.
	rec := post(w, fire, bearer(""))
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.Equal(t, "the webhook's token file cannot be read (see the sidecar's log)\n", rec.Body.String())

	require.NoError(t, os.WriteFile(path, []byte(" \n"), 0o600))
	require.Equal(t, http.StatusServiceUnavailable, post(w, fire, bearer("")).Code, "an empty token file is refused")
	require.NoError(t, os.WriteFile(path, make([]byte, maxToken+1), 0o600))
	require.Equal(t, http.StatusServiceUnavailable, post(w, fire, bearer("")).Code, "a large one is not stored either")

	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.Equal(t, http.StatusAccepted, post(w, fire, bearer("old")).Code)
	require.NoError(t, os.WriteFile(path, []byte("new"), 0o600))
	require.Equal(t, http.StatusUnauthorized, post(w, fire, bearer("old")).Code)
	require.Equal(t, http.StatusAccepted, post(w, fire, bearer("new")).Code)
}

func TestStatusFollowsTheSink(t *testing.T) {
	fire := body(t, "alertmanager-0.34.2-firing.json")
	for name, tc := range map[string]struct {
		queue  *queue
		code   int
		text   string
		result string
	}{
		"accepted": {&queue{}, 202, "1 accepted, 0 merged, 0 declined, 0 resolved, 0 own, 0 invalid", "accepted"},
		"known": {
			&queue{decline: "duplicate"}, 202, "0 accepted, 0 merged, 1 declined, 0 resolved, 0 own, 0 invalid",
			"declined",
		},
		"merged": {
			&queue{decline: "merged"}, 202, "0 accepted, 1 merged, 0 declined, 0 resolved, 0 own, 0 invalid",
			"merged",
		},
		"full": {
			&queue{full: errors.New("full")}, 503,
			"1 of 1 alerts cannot be accepted now (send them again later; the sidecar's log says why)", "refused",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWebhook(t, Config{}, tc.queue)
			rec := post(w, fire)
			require.Equal(t, tc.code, rec.Code)
			require.Equal(t, tc.text+"\n", rec.Body.String())
			require.InDelta(t, 1, testutil.ToFloat64(w.alerts.WithLabelValues(tc.result)), 0)
		})
	}
}

// TestAlertsOfOtherSenders covers Grafana's own alerting, Flink's own reporter, another
// exporter, and rules with their own label rule.
func TestAlertsOfOtherSenders(t *testing.T) {
	for file, want := range map[string][]episode.Alert{
		"alert-grafana-managed.json": {{
			Rule: "Checkpoint slow", Job: "orders enrichment",
			Labels: episode.JobLabels{Scrape: true},
		}},
		"alert-flink-reporter.json": {{Rule: "FlinkJobRestarting", Job: "flink-metrics", Labels: episode.JobLabels{
			ID: "a38a89d0b5c186cc136fba5955b47f4c", Name: "orders_enrichment", Scrape: true,
		}}},
		"alert-other-exporter.json": {{
			Rule: "KafkaConsumerLagHigh", Job: "kafka-exporter",
			Labels: episode.JobLabels{Scrape: true},
		}},
		"alert-rule-label.json": {
			{Rule: "BackpressureHigh", Job: "orders enrichment", Labels: episode.JobLabels{Scrape: true}},
			{Rule: "CheckpointFailing", Job: "orders enrichment", Labels: episode.JobLabels{Scrape: true}},
		},
	} {
		t.Run(file, func(t *testing.T) {
			q := &queue{}
			rec := post(newWebhook(t, Config{}, q), body(t, file))
			require.Equal(t, http.StatusAccepted, rec.Code, rec.Body)
			require.Len(t, q.taken(), len(want))
			for i, alert := range q.taken() {
				told := episode.Alert{Rule: alert.Rule, Job: alert.Job, Labels: alert.Labels}
				require.Equal(t, want[i], told)
			}
		})
	}
}

// TestARefusedAlertHoldsUpNoOther: the first alert of the body is about a cluster that has
// not answered for days.
func TestARefusedAlertHoldsUpNoOther(t *testing.T) {
	sink := &choosy{refuses: "unknown"}
	body := strings.ReplaceAll(`{"version":"4","alerts":[
		{"status":"firing","labels":{"alertname":"Lag","job":"unknown"},"startsAt":"NOW"},
		{"status":"firing","labels":{"alertname":"Lag","job":"orders"},"startsAt":"NOW"}]}`, "NOW", "2026-03-01T12:00:00Z")
	rec := post(newWebhook(t, Config{}, sink), body)
	require.Equal(t, http.StatusServiceUnavailable, rec.Code, "Alertmanager sends both again")
	require.Equal(t, []string{"orders"}, sink.taken)
}

// choosy is a sink that refuses alerts of one job.
type choosy struct {
	refuses string
	taken   []string
}

func (c *choosy) Submit(alert episode.Alert) (accepted bool, reason string, err error) {
	if alert.Job == c.refuses {
		return false, "", errors.New("no poll of Flink has succeeded yet")
	}
	c.taken = append(c.taken, alert.Job)
	return true, "", nil
}
