package notices

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// posted is an alert as Alertmanager gets it.
type posted struct {
	Labels, Annotations map[string]string
	EndsAt              time.Time
}

func TestOwnAlertsReachAlertmanagerAndOthersDoNotComeBack(t *testing.T) {
	t.Parallel()
	var got []posted
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = nil
		_ = json.NewDecoder(r.Body).Decode(&got) // what cannot be read is missing below
	}))
	t.Cleanup(server.Close)
	sender, err := notify.New(notify.Alertmanager{
		URLs: []string{server.URL}, Timeout: model.Duration(time.Minute), Repeat: model.Duration(time.Minute),
	}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(sender.Close)
	o := Outgoing{Sender: sender, Page: "http://sidecar:8642"}

	began := time.Now().Add(-time.Minute)
	trend := episode.Alert{
		Rule: "checkpoint-size", Source: episode.FromTrend, Cluster: "eu", Job: "orders", Severity: "critical",
		Summary: "it grows", Runbook: "https://wiki/size", Fingerprint: "1", StartsAt: began,
	}
	foreign, quiet := trend, trend
	foreign.Source, foreign.Fingerprint = episode.FromAlertmanager, "2"
	quiet.Omit, quiet.Fingerprint = []episode.Action{episode.ActionNotify}, "3"
	lost := episode.Alert{Rule: "taskmanager-gone", Source: episode.FromTrouble, Fingerprint: "4", StartsAt: began}
	for _, one := range []episode.Alert{trend, foreign, quiet, lost} {
		o.Tell(one, "01JEPISODE")
	}
	require.NoError(t, sender.Send(t.Context()))
	require.Len(t, got, 2, "its own")
	byName := map[string]posted{}
	for _, p := range got {
		byName[p.Labels["alertname"]] = p
	}
	size := byName["FlinkSidecarCheckpointSize"]
	require.Equal(t, map[string]string{
		"alertname": "FlinkSidecarCheckpointSize", "rule": "checkpoint-size", "severity": "critical", "cluster": "eu",
		"job": "orders", "origin": notify.Origin,
	}, size.Labels)
	require.Equal(t, map[string]string{
		"summary": "it grows", "runbook_url": "https://wiki/size", "episode": "http://sidecar:8642/episodes/01JEPISODE",
	}, size.Annotations)
	require.Equal(t, "warning", byName["FlinkSidecarTaskmanagerGone"].Labels["severity"])
	require.True(t, size.EndsAt.After(time.Now()), "it fires")

	trend.ResolvedAt = time.Now()
	o.Tell(trend, "")
	require.NoError(t, sender.Send(t.Context()))
	for _, p := range got {
		if p.Labels["rule"] == "checkpoint-size" {
			require.False(t, p.EndsAt.After(time.Now()), "it is over")
		}
	}
}
