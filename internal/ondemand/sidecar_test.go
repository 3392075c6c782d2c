package ondemand

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	commoncfg "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
)

// alone is a sidecar for a history that no process holds.
func alone(t *testing.T) Sidecar {
	t.Helper()
	dir := t.TempDir()
	file, path := filepath.Join(dir, "sidecar.yml"), filepath.Join(dir, "h.db")
	require.NoError(t, os.WriteFile(file, []byte("flink: {url: \""+flinktest.New(t, flinktest.Flink23).URL+"\"}\n"), 0o600))
	log := slog.New(slog.DiscardHandler)
	return Sidecar{
		History: holder.History{Path: path, Client: commoncfg.DefaultHTTPClientConfig, Log: log},
		Found:   func(string) error { return errors.New("none was to be found") },
		Load:    func() (config.Config, error) { return config.Load(file, config.Overrides{HistoryPath: path}) },
		Log:     log,
	}
}

// TestASidecarOfItsOwn runs for the time of the work, and knows the jobs when it begins.
func TestASidecarOfItsOwn(t *testing.T) {
	t.Parallel()
	s := alone(t)
	s.Polled = func() string { return "" }
	failed := errors.New("the work failed")
	var client *api.Client
	err := s.Do(t.Context(), func(ctx context.Context, own *api.Client) error {
		client = own
		status, err := own.Status(ctx)
		require.NoError(t, err)
		require.Len(t, status.Jobs, 1)
		return failed
	})
	require.ErrorIs(t, err, failed)
	_, err = client.Status(t.Context())
	require.Error(t, err, "it ended with the work")
}

// TestWorkCleansUp: after Ctrl-C a lasting sidecar still answers, another one ends.
func TestWorkCleansUp(t *testing.T) {
	t.Parallel()
	for _, lasting := range []bool{true, false} {
		s := alone(t)
		s.Lasting = lasting
		ctx, interrupt := context.WithCancel(t.Context())
		err := s.Do(ctx, func(ctx context.Context, own *api.Client) error {
			_, err := own.Status(ctx)
			require.NoError(t, err)
			interrupt()
			<-ctx.Done()
			if lasting {
				_, err = own.Status(t.Context())
				require.NoError(t, err)
			}
			return ctx.Err()
		})
		require.ErrorIs(t, err, context.Canceled)
	}
}

// TestTheHolderDoesTheWork and no configuration is read for one of the command's own.
func TestTheHolderDoesTheWork(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	t.Cleanup(server.Close)
	s := alone(t)
	s.History.URL = server.URL
	s.Load = nil
	found := ""
	s.Found = func(url string) error { found = url; return nil }
	done := false
	require.NoError(t, s.Do(t.Context(), func(context.Context, *api.Client) error { done = true; return nil }))
	require.True(t, done)
	require.Equal(t, server.URL, found)

	refused := errors.New("refused")
	s.Found = func(string) error { return refused }
	require.ErrorIs(t, s.Do(t.Context(), nil), refused)
}
