package app

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/clusters"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// newCluster is a cluster that was not looked at yet.
func newCluster(t *testing.T, name, url string) *clusters.Cluster {
	t.Helper()
	cfg := flink.DefaultConfig()
	cfg.URL, cfg.Cluster = url, name
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return &clusters.Cluster{
		Collector: collector.New(collector.DefaultConfig(), client, slog.New(slog.DiscardHandler)),
		Flink:     client,
	}
}

func TestWhoeverAsksIsTold(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	i := &router{clusters: clusters.Clusters{newCluster(t, "ours", server.URL)}, log: slog.New(slog.DiscardHandler)}
	_, err := i.Raise(episode.Alert{})
	var failure *api.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, 503, failure.Status)
	require.NoError(t, i.clusters[0].Poll(t.Context()))
	_, err = i.Raise(episode.Alert{Job: "none"})
	require.ErrorAs(t, err, &failure)
	require.Equal(t, 400, failure.Status)
}
