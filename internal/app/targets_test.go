package app

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
)

// TestATargetSaysWhyItIsDown and since when: the time is that of the first failure.
func TestATargetSaysWhyItIsDown(t *testing.T) {
	t.Parallel()
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no room", http.StatusInsufficientStorage)
	}))
	t.Cleanup(down.Close)
	sender, err := notify.New(notify.Alertmanager{
		URLs: []string{down.URL}, Timeout: model.Duration(time.Second), Repeat: model.Duration(time.Minute),
		HTTP: commoncfg.DefaultHTTPClientConfig,
	}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(sender.Close)
	require.Nil(t, target("alertmanager", down.URL, sender).Up, "unknown is not down")

	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	sender.Now = func() time.Time { return now }
	sender.Fire("k", notify.Alert{Labels: map[string]string{"alertname": "A"}})
	first := now
	for range 2 {
		require.Error(t, sender.Send(t.Context()))
		now = now.Add(time.Minute)
	}
	got := target("alertmanager", down.URL, sender)
	require.False(t, *got.Up)
	require.Equal(t, first, got.Since)
	require.Len(t, got.Problems, 1)
	require.Contains(t, got.Problems[0], "alertmanager: the last request failed: ")
	require.Contains(t, got.Problems[0], "507")
}
