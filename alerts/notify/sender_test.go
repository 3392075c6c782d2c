package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
)

// alertmanager is a server with Alertmanager's API v2, as far as alerts are posted to it: it
// keeps one alert for each set of labels.
type alertmanager struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	posts  int
	alerts map[string]posted
	user   string
}

func newAlertmanager(t *testing.T) *alertmanager {
	t.Helper()
	a := &alertmanager{status: http.StatusOK, alerts: map[string]posted{}}
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

// ServeHTTP takes alerts and refuses those that Alertmanager refuses.
func (a *alertmanager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.posts++
	a.user, _, _ = r.BasicAuth()
	status := r.Method == http.MethodGet && r.URL.Path == "/prefix/api/v2/status"
	if status && a.status == http.StatusOK {
		return
	}
	if !status && r.Method != http.MethodPost || !status && r.URL.Path != "/prefix/api/v2/alerts" {
		http.NotFound(w, r)
		return
	}
	if a.status != http.StatusOK {
		http.Error(w, "out of\nservice", a.status)
		return
	}
	body, _ := io.ReadAll(r.Body)
	var got []posted
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil || r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "not alerts", http.StatusBadRequest)
		return
	}
	for _, p := range got {
		labels := model.LabelSet{}
		for name, value := range p.Labels {
			labels[model.LabelName(name)] = model.LabelValue(value)
		}
		if labels.Validate() != nil || labels["alertname"] == "" || p.EndsAt.Before(p.StartsAt) {
			http.Error(w, "a bad alert", http.StatusBadRequest)
			return
		}
		a.alerts[labels.String()] = p
	}
}

func (a *alertmanager) fails(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status = status
}

func (a *alertmanager) seen() (posts int, alerts []posted) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.alerts {
		alerts = append(alerts, p)
	}
	return a.posts, alerts
}

func sectionOf(t *testing.T, text string) Config {
	t.Helper()
	var c Config
	require.NoError(t, yaml.Unmarshal([]byte(text), &c))
	return c
}

func newSender(t *testing.T, urls ...string) *Sender {
	t.Helper()
	c := sectionOf(t, "alertmanager: {urls: ['"+strings.Join(urls, "/prefix/','")+"/prefix/'], labels: {team: data}}")
	require.Empty(t, c.Validate())
	s, err := New(*c.Alertmanager, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func regression() Alert {
	return Alert{
		Labels:      map[string]string{"alertname": "FlinkRegression", "job": "orders", "vertex": ""},
		Annotations: map[string]string{"summary": "slower"},
		Page:        "http://sidecar/episodes/1",
	}
}

// TestReloadChangesTheReceivers: what fires goes to the new ones, with the new labels.
func TestReloadChangesTheReceivers(t *testing.T) {
	before, after := newAlertmanager(t), newAlertmanager(t)
	s := newSender(t, before.URL)
	s.Fire("k", regression())
	require.NoError(t, s.Send(t.Context()))
	take, err := s.Reload(*sectionOf(t, "alertmanager: {urls: ['"+after.URL+"/prefix'], repeat: 2m, labels: {team: shop}}").Alertmanager)
	require.NoError(t, err)
	posts, _ := before.seen()
	require.NoError(t, s.Send(t.Context()))
	unchanged, _ := before.seen()
	require.Equal(t, posts+1, unchanged, "nothing is taken over yet")
	take()
	require.NoError(t, s.Send(t.Context()))
	unchanged, _ = before.seen()
	require.Equal(t, posts+1, unchanged)
	_, alerts := after.seen()
	require.Len(t, alerts, 1)
	require.Equal(t, "shop", alerts[0].Labels["team"])
	require.WithinDuration(t, time.Now().Add(8*time.Minute), alerts[0].EndsAt, time.Minute)
}

// TestAlertFromBeginningToEnd: it is repeated with the same labels and start and a later end,
// then resolved, then forgotten.
func TestAlertFromBeginningToEnd(t *testing.T) {
	am := newAlertmanager(t)
	s := newSender(t, am.URL)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s.Now = func() time.Time { return now }
	_, known := s.Up()
	require.False(t, known)
	require.NoError(t, s.Send(t.Context()))
	posts, _ := am.seen()
	require.Zero(t, posts, "nothing to send is no request")

	s.Fire("k", regression())
	require.NoError(t, s.Send(t.Context()))
	_, alerts := am.seen()
	require.Len(t, alerts, 1)
	require.Equal(t, map[string]string{
		"alertname": "FlinkRegression", "job": "orders", "origin": "flink-sidecar", "team": "data",
	}, alerts[0].Labels)
	require.Equal(t, now, alerts[0].StartsAt)
	require.Equal(t, now.Add(4*time.Minute), alerts[0].EndsAt)
	require.Equal(t, "http://sidecar/episodes/1", alerts[0].GeneratorURL)

	began := now
	now = now.Add(time.Minute)
	s.Fire("k", regression())
	require.NoError(t, s.Send(t.Context()))
	_, alerts = am.seen()
	require.Len(t, alerts, 1, "the same alert again is no second one")
	require.Equal(t, began, alerts[0].StartsAt)
	require.Equal(t, began.Add(5*time.Minute), alerts[0].EndsAt)
	require.InDelta(t, 1, testutil.ToFloat64(oneMetric(s)), 0)

	s.Resolve("k", now)
	s.Resolve("unknown", now)
	require.NoError(t, s.Send(t.Context()))
	_, alerts = am.seen()
	require.Equal(t, now, alerts[0].EndsAt)
	require.InDelta(t, 0, testutil.ToFloat64(oneMetric(s)), 0)
	up, known := s.Up()
	require.True(t, up && known)

	now = now.Add(16 * time.Minute)
	before, _ := am.seen()
	require.NoError(t, s.Send(t.Context()))
	after, _ := am.seen()
	require.Equal(t, before, after)
	require.Empty(t, s.alerts)
}

// TestAlertThatFiresAgainBeginsAnew: after its end, the same key is a new occurrence.
func TestAlertThatFiresAgainBeginsAnew(t *testing.T) {
	s := newSender(t, "http://unused.invalid")
	now := time.Unix(1000, 0)
	s.Now = func() time.Time { return now }
	s.Fire("k", regression())
	s.Resolve("k", now)
	now = now.Add(time.Hour)
	s.Fire("k", regression())
	require.Equal(t, now, s.alerts["k"].StartsAt)
}

// TestOneMemberIsEnough: members of a cluster are all asked, and one that takes the alerts is
// success.
func TestOneMemberIsEnough(t *testing.T) {
	first, second := newAlertmanager(t), newAlertmanager(t)
	s := newSender(t, first.URL, second.URL)
	s.Fire("k", regression())
	first.fails(http.StatusServiceUnavailable)
	require.NoError(t, s.Send(t.Context()))
	_, alerts := second.seen()
	require.Len(t, alerts, 1)
	second.fails(http.StatusForbidden)
	err := s.Send(t.Context())
	require.ErrorContains(t, err, "status 503: out of service (it is sent again)")
	require.ErrorContains(t, err, "status 403: out of service (correct notify.alertmanager.http)")
	up, known := s.Up()
	require.True(t, known && !up)
}

// TestRunSendsSoonAndRepeats: an Alertmanager that comes back gets what it missed.
func TestRunSendsSoonAndRepeats(t *testing.T) {
	am := newAlertmanager(t)
	c := sectionOf(t, "alertmanager: {urls: ['"+am.URL+"/prefix'], repeat: 1s}")
	s, err := New(*c.Alertmanager, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	am.fails(http.StatusInternalServerError)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	s.Fire("k", regression())
	require.Eventually(t, func() bool { posts, _ := am.seen(); return posts > 0 }, 30*time.Second, time.Millisecond)
	am.fails(http.StatusOK)
	require.Eventually(t, func() bool { _, alerts := am.seen(); return len(alerts) == 1 }, 30*time.Second, time.Millisecond)
	stop()
	require.NoError(t, <-done)
}

// TestTextsFromOutside: bytes that are no text, long texts, and redirects.
func TestTextsFromOutside(t *testing.T) {
	am := newAlertmanager(t)
	s := newSender(t, am.URL)
	a := regression()
	a.Labels["job"] = "bad \xff name"
	a.Annotations["summary"] = strings.Repeat("é", 5000)
	a.Page = "not an address"
	s.Fire("k", a)
	require.NoError(t, s.Send(t.Context()))
	_, alerts := am.seen()
	require.Less(t, len(alerts[0].Annotations["summary"]), 2100)
	require.Empty(t, alerts[0].GeneratorURL)

	redirecting := httptest.NewServer(http.RedirectHandler(am.URL, http.StatusTemporaryRedirect))
	defer redirecting.Close()
	other := newSender(t, redirecting.URL)
	other.Fire("k", regression())
	require.ErrorIs(t, other.Send(t.Context()), redirect.ErrRefused)
}

// TestStopIsNoFailure: a request that the sidecar itself ended says nothing of Alertmanager.
func TestStopIsNoFailure(t *testing.T) {
	am := newAlertmanager(t)
	s := newSender(t, am.URL)
	s.Fire("k", regression())
	ctx, stop := context.WithCancel(t.Context())
	stop()
	require.ErrorIs(t, s.Send(ctx), context.Canceled)
	_, known := s.Up()
	require.False(t, known)
}

func TestFaultsOfTheSection(t *testing.T) {
	for text, want := range map[string]string{
		"{}":                                     "alertmanager",
		"alertmanager: {}":                       "alertmanager.urls",
		"alertmanager: {urls: [x]}":              "alertmanager.urls",
		"alertmanager: {urls: ['http://u:p@a']}": "alertmanager.urls",
		"alertmanager: {urls: ['http://a'], repeat: 1ms}":         "alertmanager.repeat",
		"alertmanager: {urls: ['http://a'], timeout: 0s}":         "alertmanager.timeout",
		"alertmanager: {urls: ['http://a'], labels: {a-b: x}}":    "alertmanager.labels",
		"alertmanager: {urls: ['http://a'], labels: {origin: x}}": "alertmanager.labels",
		"alertmanager: {urls: ['http://a'], labels: {team: ''}}":  "alertmanager.labels",
	} {
		c := sectionOf(t, text)
		faults := c.Validate()
		require.Len(t, faults, 1, text)
		require.Contains(t, faults[0].Error(), want, text)
		require.NotContains(t, faults[0].Error(), "u:p", text)
	}
}

// firing collects the number of alerts that fire alone.
type firing struct{ *Sender }

func (f firing) Describe(ch chan<- *prometheus.Desc) { ch <- firingDesc }

func (f firing) Collect(ch chan<- prometheus.Metric) {
	all := make(chan prometheus.Metric, 10)
	f.Sender.Collect(all)
	ch <- <-all
}

func oneMetric(s *Sender) prometheus.Collector { return firing{s} }

// TestAlertmanagerIsKnownBeforeTheFirstAlert asks for its status while there is nothing to send.
func TestAlertmanagerIsKnownBeforeTheFirstAlert(t *testing.T) {
	am := newAlertmanager(t)
	s := newSender(t, am.URL)
	require.NoError(t, s.turn(t.Context()))
	up, known := s.Up()
	require.True(t, known && up)
	_, alerts := am.seen()
	require.Empty(t, alerts)

	am.fails(http.StatusServiceUnavailable)
	require.ErrorContains(t, s.turn(t.Context()), "answers with status 503")
	up, _ = s.Up()
	require.False(t, up)
	require.InDelta(t, 0, testutil.ToFloat64(s.sends.WithLabelValues("failed")), 0, "no alert was to be sent")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, newSender(t, am.URL).Run(ctx), "a sidecar that stops knows nothing")
}

// TestTenThousandAlertsAtOnce are all sent, in batches; ones that are over make room for more.
func TestTenThousandAlertsAtOnce(t *testing.T) {
	am := newAlertmanager(t)
	s := newSender(t, am.URL)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s.Now = func() time.Time { return now }
	fire := func(from, to int) {
		for i := from; i < to; i++ {
			key := fmt.Sprint(i)
			s.Fire(key, Alert{Labels: map[string]string{"alertname": "A", "job": key}})
		}
	}
	fire(0, 10_000)
	require.NoError(t, s.Send(t.Context()))
	posts, alerts := am.seen()
	require.Len(t, alerts, 10_000)
	require.Equal(t, (10_000+maxBatch-1)/maxBatch, posts)

	fire(10_000, maxAlerts)
	s.Resolve("7", now)
	fire(maxAlerts, maxAlerts+2)
	require.Len(t, s.alerts, maxAlerts)
	require.NotContains(t, s.alerts, "7")
	require.Contains(t, s.alerts, fmt.Sprint(maxAlerts))
	require.NotContains(t, s.alerts, fmt.Sprint(maxAlerts+1), "all of them fire")
}
