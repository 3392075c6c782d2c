package collect

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// metricsOf is a Flink whose vertices have these metrics; a sum is that of all subtasks.
func metricsOf(t *testing.T, sums map[string]float64) Cluster {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "[")
		separator := ""
		for id, sum := range sums {
			fmt.Fprintf(w, `%s{"id":%q,"min":0,"max":0,"avg":0,"sum":%g}`, separator, id, sum)
			separator = ","
		}
		fmt.Fprint(w, "]")
	}))
	t.Cleanup(server.Close)
	cfg := flink.DefaultConfig()
	cfg.URL = server.URL
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return Cluster{Flink: client}
}

// TestPartitionsOfASource are counted once, whatever subtask reads them.
func TestPartitionsOfASource(t *testing.T) {
	c := metricsOf(t, map[string]float64{
		"Source.KafkaSourceReader.topic.orders.partition.0.currentOffset": 1,
		"Source.KafkaSourceReader.topic.orders.partition.1.currentOffset": 1,
		"Source.KafkaSourceReader.topic.other.partition.1.currentOffset":  1,
		"numRecordsIn": 1,
	})
	g := New(Options{Log: slog.New(slog.DiscardHandler)})
	n, err := g.partitions(t.Context(), c, "j", "v")
	require.NoError(t, err)
	require.Equal(t, 3, n)
	n, err = g.partitions(t.Context(), metricsOf(t, map[string]float64{"numRecordsIn": 1}), "j", "v")
	require.NoError(t, err)
	require.Zero(t, n)
}

// TestRatesOfASink are means over an attempt that has run for a minute.
func TestRatesOfASink(t *testing.T) {
	rate := func(records, requests float64, uptime *float64) (evidence.SinkRate, bool) {
		g := New(Options{Log: slog.New(slog.DiscardHandler)})
		c := metricsOf(t, map[string]float64{"s.numRecordsIn": records, "s.numRequests": requests})
		job := snapshot.Job{ID: "j", Lifecycle: snapshot.Lifecycle{Uptime: uptime}}
		got, ok, err := g.sinkRate(t.Context(), c, job, snapshot.Vertex{ID: "v", Name: "sink", Parallelism: 2})
		require.NoError(t, err)
		return got, ok
	}
	got, ok := rate(600, 120, new(60.0))
	require.True(t, ok)
	require.Equal(t, evidence.SinkRate{Name: "sink", Vertex: "v", Subtasks: 2, Records: 10, Requests: 2}, got)
	for name, uptime := range map[string]*float64{"just started": new(59.9), "unknown": nil} {
		_, ok = rate(600, 120, uptime)
		require.False(t, ok, name)
	}
	_, ok = rate(0, 120, new(60.0))
	require.False(t, ok, "it has no records")
}
