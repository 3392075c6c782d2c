package epochs

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
)

// TestEpochsOfAnEarlierProcess: it stored the epoch, and was killed before it opened an episode.
func TestEpochsOfAnEarlierProcess(t *testing.T) {
	t.Parallel()
	store := historytest.Open(t)
	now := time.Now().UTC()
	put := func(job string, began time.Time) episode.Epoch {
		e := episode.Epoch{Cluster: "prod", Job: job, Key: job, Began: began}
		_, err := store.PutEpoch(e)
		require.NoError(t, err)
		return e
	}
	left := put("orders", now.Add(-time.Minute))
	put("payments", now.Add(-2*time.Hour))
	had := put("refunds", now.Add(-time.Minute))
	require.NoError(t, store.PutEpisode(episode.Episode{
		ID: historytest.IDAt(now), Alert: AlertOf(had), State: episode.Opened, Opened: now,
	}))
	found, err := Left(store, now)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, left.Job, found[0].Job)

	over, stop := context.WithCancel(t.Context())
	stop()
	one := New(store, nil, loop.Plan{}, false, slog.New(slog.DiscardHandler))
	require.NoError(t, one.Run(over), "a sidecar for one command opens none")
}
