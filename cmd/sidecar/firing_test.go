package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// sentTrend is an alert as Alertmanager gets it.
type sentTrend struct {
	Labels, Annotations map[string]string
	StartsAt, EndsAt    time.Time
}

// TestAlertsGoOnInAlertmanager starts a sidecar whose last process had an alert that fired, and one of
// a rule that is not there any more.
func TestAlertsGoOnInAlertmanager(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	got := map[string]sentTrend{}
	manager := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var sent []sentTrend
		_ = json.NewDecoder(r.Body).Decode(&sent) // a request without alerts has none
		mu.Lock()
		defer mu.Unlock()
		for _, a := range sent {
			got[a.Labels["rule"]] = a
		}
	}))
	t.Cleanup(manager.Close)

	began := time.Now().Add(-time.Hour).Truncate(time.Second)
	path := filepath.Join(t.TempDir(), "history.db")
	store, err := history.Open(t.Context(), history.Config{Path: path}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	alert := func(rule string) episode.FiringTrend {
		return episode.FiringTrend{Alert: episode.Alert{
			Rule: rule, Source: episode.FromTrend, Cluster: "lab", Job: flinktest.JobName, Summary: "it fires",
			StartsAt: began, Fingerprint: rule, Severity: "critical", Runbook: alerts.RunbookOf(rule),
		}}
	}
	require.NoError(t, store.PutFiring([]episode.FiringTrend{alert("headroom"), alert("gone")}))
	require.NoError(t, store.Close())

	file := filepath.Join(t.TempDir(), "notify.yml")
	require.NoError(t, os.WriteFile(file, []byte("flink: {url: "+flinktest.New(t, flinktest.Flink23).URL+", cluster: lab}\n"+
		"alerts: {every: 1s}\nnotify: {alertmanager: {urls: ['"+manager.URL+"']}}\n"), 0o600))
	sc := startSidecarOn(t, path, "--config.file="+file)
	require.Eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		a := got["headroom"]
		return a.StartsAt.Equal(began) && a.EndsAt.After(time.Now()) && a.Annotations["runbook_url"] != ""
	}, 30*time.Second, 20*time.Millisecond, sc.stderr)
	sc.shows(t, `flink_sidecar_up{target="alertmanager"} 1`)
	sc.stop()
	store, err = history.Open(t.Context(), history.Config{Path: path}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer store.Close()
	firing, err := store.Firing()
	require.NoError(t, err)
	require.Len(t, firing, 1, "the rule of the other is gone")
	require.Equal(t, "headroom", firing[0].Alert.Rule)
}
