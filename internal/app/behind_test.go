package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	ulid "github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// fillLarge makes a history of at least largeHistory.
func fillLarge(t *testing.T, cfg history.Config) {
	t.Helper()
	store, err := history.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	for !large(cfg.Path) {
		var batch []episode.Measurement
		for range 1000 {
			batch = append(batch, episode.Measurement{
				ID: ulid.Make().String(), Kind: episode.KindWindow, Job: "orders", EpochKey: strings.Repeat("k", 1000),
			})
		}
		require.NoError(t, store.PutMeasurement(batch...))
	}
	require.NoError(t, store.Close())
}

// TestMetricsWhileTheHistoryIsChecked: a sidecar whose history is being checked exports metrics of
// Flink, is not ready, and says why.
func TestMetricsWhileTheHistoryIsChecked(t *testing.T) {
	t.Parallel()
	flink := flinktest.New(t, flinktest.Flink23)
	cfg := load(t, "flink: {url: '"+flink.URL+"', cluster: test}\n")
	free, err := ports.Free(1)
	require.NoError(t, err)
	cfg.Web.ListenAddress = ports.Loopback(free[0])
	get := func(path string) (int, string) {
		url := "http://" + cfg.Web.ListenAddress + path
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		require.NoError(t, err)
		request.Close = true
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, ""
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, string(text)
	}
	checked, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- standby{historyOpening, errOpening, func(ctx context.Context) error {
			select {
			case <-checked:
			case <-ctx.Done():
			}
			return nil
		}}.standBy(t.Context(), cfg, slog.New(slog.DiscardHandler))
	}()
	require.Eventually(t, func() bool {
		_, page := get("/metrics")
		return strings.Contains(page, `flink_sidecar_history_state{state="opening"} 1`) &&
			strings.Contains(page, `flink_sidecar_history_state{state="open"} 0`) && strings.Contains(page, "flink_job_up{")
	}, time.Minute, 10*time.Millisecond)
	status, reason := get("/-/ready")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, reason, errOpening.Error())
	status, _ = get("/-/healthy")
	require.Equal(t, http.StatusOK, status)
	close(checked)
	require.NoError(t, <-ended)
	status, _ = get("/metrics")
	require.Zero(t, status, "the port is free for the sidecar that has the history")
}

// TestLargeHistoryIsOpenedBehind: a large history is opened as any other; one that another
// process holds is not, and a port that is taken ends the sidecar.
func TestLargeHistoryIsOpenedBehind(t *testing.T) {
	t.Parallel()
	flink := flinktest.New(t, flinktest.Flink23)
	cfg := load(t, "flink: {url: '"+flink.URL+"', cluster: test}\n")
	require.False(t, large(cfg.History.Path))
	fillLarge(t, cfg.History)
	log := slog.New(slog.DiscardHandler)
	a, err := begin(t.Context(), cfg, Options{}, log)
	require.NoError(t, err)
	stored, err := a.store.Measurements(episode.JobRef{Job: "orders"}, "", time.Time{}, time.Time{}, 1)
	require.NoError(t, err)
	require.Len(t, stored, 1)
	_, err = begin(t.Context(), cfg, Options{}, log)
	require.ErrorIs(t, err, history.ErrHeld)

	taken := cfg
	taken.Web.ListenAddress = strings.TrimPrefix(a.URL(), "http://")
	_, err = begin(t.Context(), taken, Options{}, log)
	require.ErrorContains(t, err, "choose another address")
	require.NoError(t, a.Close())

	stopped, stop := context.WithCancel(t.Context())
	stop()
	require.NoError(t, Run(stopped, cfg, Options{}, log), "told to stop while it is checked")

	documenttest.Says(t, "../../docs/operations.md", fmt.Sprintf("From %d MiB on, it serves the metrics of Flink during the check", largeHistory>>20))
}
