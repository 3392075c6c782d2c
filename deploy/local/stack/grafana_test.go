package stack

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// A real client gets in with what stack.json says, and what it wrote outlives a restart.
func TestGrafanaStandIn(t *testing.T) {
	s, _ := bare(t, t.TempDir())
	free, err := ports.Free(1)
	require.NoError(t, err)
	s.ports.Grafana = free[0]
	s.services, err = supervisor.New([]supervisor.Service{s.grafanaStandIn()}, s.report)
	require.NoError(t, err)
	require.NoError(t, s.services.Up(t.Context()))
	state := s.State()
	info, err := os.Stat(state.GrafanaTokenFile)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	announcer := announcerOf(t, state)
	id, err := announcer.Notify(t.Context(), episode.Episode{ID: "e1"}, "told", time.Unix(1, 0), time.Unix(2, 0))
	require.NoError(t, err)
	_, err = s.services.Kill(t.Context(), "grafana-stand-in", syscall.SIGKILL)
	require.NoError(t, err)
	require.Error(t, announcer.Check(t.Context()))
	require.NoError(t, s.Start(t.Context(), "grafana-stand-in"))
	again, err := announcer.Notify(t.Context(), episode.Episode{ID: "e1"}, "told", time.Unix(1, 0), time.Unix(2, 0))
	require.NoError(t, err)
	require.Equal(t, id, again)
}

// announcerOf is the sidecar's own client of the stack's stand-in for Grafana.
func announcerOf(t *testing.T, state State) *grafana.Notifier {
	t.Helper()
	config := grafana.DefaultConfig()
	config.URL, config.TokenFile = state.GrafanaURL, state.GrafanaTokenFile
	announcer, err := grafana.New(config, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	announcer.Pause = func(context.Context, time.Duration) error { return nil }
	t.Cleanup(func() { announcer.Close(); http.DefaultClient.CloseIdleConnections() })
	return announcer
}
