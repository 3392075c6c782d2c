package collect

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// TestSettingsAreEvidence has the captured configuration, and parameters of the job of which
// some must stay in Flink.
func TestSettingsAreEvidence(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	server.Edit("/jobs/"+server.JobID+"/config", func(d map[string]any) {
		d["execution-config"].(map[string]any)["user-config"] = map[string]any{
			"sink.bulk.max": "1", "async.capacity": "20", "kafka.password": "hunter2",
			"lookup.url": "http://user:hunter2@lookup/customers", "customer": "ACME",
		}
	})
	cfg := flink.DefaultConfig()
	cfg.URL, cfg.Cluster = server.URL, "eu"
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	g := New(Options{Log: slog.New(slog.DiscardHandler)})
	state := snapshot.State{Known: true, Cluster: snapshot.Cluster{Name: "eu", Polled: time.Unix(1, 0)}}
	settings, err := g.config(t.Context(), Cluster{State: state, Flink: client}, server.JobID)
	require.NoError(t, err)
	require.Equal(t, "rocksdb", settings["state.backend.type"])
	require.Equal(t, "true", settings["execution.checkpointing.incremental"])
	require.Equal(t, "false", settings["object-reuse-mode"])
	require.Equal(t, "1", settings["sink.bulk.max"])
	require.Equal(t, "20", settings["async.capacity"])
	for _, key := range []string{
		"kafka.password", "lookup.url", "customer", "jobmanager.rpc.address", "execution.checkpointing.dir", "web.tmpdir",
	} {
		require.NotContains(t, settings, key)
	}
}
