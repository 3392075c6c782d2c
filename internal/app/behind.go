package app

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// largeHistory is the size in bytes from which a history is checked behind the metrics: a
// smaller one is open within some hundredths of a second.
const largeHistory = 16 << 20

// The states of the history.
const (
	historyOpening = "opening"
	historyHeld    = "held"
	historyOpen    = "open"
)

func large(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() >= largeHistory
}

var errOpening = errors.New("the history is being checked (wait: a large file takes some seconds)")

// openBehind opens a large history. Meanwhile the sidecar stands by: it exports metrics of
// Flink, and is not ready. If it cannot even do that, the history is closed again.
func openBehind(ctx context.Context, cfg config.Config, log *slog.Logger) (store *history.Store, err error) {
	within, stop := context.WithCancel(ctx)
	defer stop()
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		store, err = history.Open(within, cfg.History, log)
	}()
	log.Info("The history is being checked; metrics are served meanwhile", "path", cfg.History.Path)
	failed := standby{historyOpening, errOpening, func(ctx context.Context) error {
		select {
		case <-opened:
		case <-ctx.Done():
		}
		return nil
	}}.standBy(ctx, cfg, log)
	if failed != nil {
		stop()
	}
	<-opened
	if failed != nil && err == nil {
		err = store.Close()
	}
	return store, errors.Join(failed, err)
}

// newHistoryState is flink_sidecar_history_state: 1 for the present state.
func newHistoryState(present string) prometheus.Collector {
	gauge := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "flink_sidecar_history_state",
		Help: "1 for the present state of the history, else 0: opening (it is being checked), held (by another " +
			"sidecar), open.",
	}, []string{"state"})
	for _, state := range []string{historyOpening, historyHeld, historyOpen} {
		gauge.WithLabelValues(state).Set(0)
	}
	gauge.WithLabelValues(present).Set(1)
	return gauge
}
