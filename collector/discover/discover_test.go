package discover

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

func TestDiscover(t *testing.T) {
	l := newFlink(t, flinktest.Flink120)
	l.SetMetric(l.Vertices[0],
		"Source__orders_v1_source.KafkaSourceReader.topic.orders_v2.partition.0.currentOffset", 1)
	found, err := Jobs(t.Context(), l.client)
	require.NoError(t, err)
	const source, sink = "Source: orders.v1 source -> normalize", "JSON enrich (v1.2) -> (kafka enriched: Writer -> " +
		"kafka enriched: Committer, kafka alerts: Writer -> kafka alerts: Committer, elasticsearch: orders: Writer)"
	reader := "Source__orders_v1_source.KafkaSourceReader.topic."
	require.Equal(t, []Job{{
		Name: flinktest.JobName, ID: l.JobID,
		Topics: []Topic{
			{Name: "orders", Partitions: 4, Metric: reader + "orders.partition.0.currentOffset", Vertex: source},
			{
				Name: "orders_v2", Ambiguous: true, Partitions: 1,
				Metric: reader + "orders_v2.partition.0.currentOffset", Vertex: source,
			},
		},
		Sinks: []Sink{
			{Operator: "elasticsearch__orders", Vertex: sink},
			{Operator: "kafka_alerts", Vertex: sink, Kafka: true},
			{Operator: "kafka_enriched", Vertex: sink, Kafka: true},
		},
	}}, found, "the job that was canceled is not listed")
}

func TestDiscoverJobThatEndsMeanwhile(t *testing.T) {
	l := newFlink(t, flinktest.Flink23)
	l.AddJob("00000000000000000000000000000001", "brief", 1)
	found, err := Jobs(t.Context(), l.client)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, Job{Name: "brief", ID: "00000000000000000000000000000001"}, found[0])
}

func TestDiscoverNotFlink(t *testing.T) {
	l := newFlink(t, flinktest.Flink23)
	l.Break(flinktest.HTML)
	_, err := Jobs(t.Context(), l.client)
	require.ErrorContains(t, err, "answers, but is not Flink")
}

// replayed is a replayed Flink and its client.
type replayed struct {
	*flinktest.Server
	client *flink.Client
}

func newFlink(t *testing.T, version string) replayed {
	t.Helper()
	server, cfg := flinktest.New(t, version), flink.DefaultConfig()
	cfg.URL = server.URL
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return replayed{server, client}
}
