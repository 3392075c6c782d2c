package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
)

// fullDisk is a journal that takes the opening of an episode, and nothing after it.
type fullDisk struct{}

func (fullDisk) PutEpisode(ep episode.Episode) error {
	if ep.State == episode.Opened {
		return nil
	}
	return errors.New("no space left on device")
}

func (fullDisk) Unfinished() ([]episode.Episode, error) { return nil, nil }

func (fullDisk) Episodes(episode.JobRef, string, int) ([]episode.Episode, error) { return nil, nil }

// TestStuckWorkIsNotHealthy for Kubernetes, with the reason.
func TestStuckWorkIsNotHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &App{loop: loop.New(loop.Options{
			Config: loop.DefaultConfig(), History: fullDisk{}, Log: slog.New(slog.DiscardHandler),
			PlanFor: func(episode.Alert) (loop.Plan, bool) { return loop.Plan{}, true },
		})}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.loop.Run(ctx) }()
		synctest.Wait()
		receipt, err := a.loop.Submit(episode.Alert{Rule: "lag", Source: episode.FromAlertmanager, Job: "orders"})
		require.NoError(t, err)
		synctest.Wait()
		require.NoError(t, a.health())
		time.Sleep(2 * time.Minute)
		require.ErrorContains(t, a.health(), "1 episodes are stuck; the first is "+receipt.Episode)
		require.ErrorContains(t, a.health(), "no space left on device (correct the cause, or restart the sidecar")
		stop()
		require.NoError(t, <-ended)
	})
}
