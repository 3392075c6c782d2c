package app

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/collector/backlog"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

// sourceOffset is the metric of the captured job's source.
const sourceOffset = "Source__orders_v1_source.KafkaSourceReader.topic.orders.partition.0.currentOffset"

// TestIngestedByFlinksOffsets has a job without a stamp, whose sink shows nothing: only Flink's
// metrics tell that it has read the record. Kafka and Flink are servers, their clients are real.
func TestIngestedByFlinksOffsets(t *testing.T) {
	t.Parallel()
	brokers, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders", "out"))
	require.NoError(t, err)
	t.Cleanup(brokers.Close)
	fillTopic(t, brokers, 20)

	server := flinktest.New(t, flinktest.Flink23)
	now := time.Now()
	server.SetNow(func() time.Time { return now })
	c := newCluster(t, "prod", server.URL)
	cfg := &kafka.Config{Brokers: brokers.ListenAddrs()}
	input, err := kafka.NewInput(cfg, "orders", nil)
	require.NoError(t, err)
	t.Cleanup(input.Close)
	c.SetInput(backlog.NewTopic(flinktest.JobName, "orders", input))
	poll := func(last float64) {
		server.SetMetric(server.Vertices[0], sourceOffset, last)
		now = now.Add(15 * time.Second)
		require.NoError(t, c.Poll(t.Context()))
	}
	poll(19)
	require.EqualValues(t, 19, c.View(flinktest.JobName).ReadOffsets().Last[0])

	page := prometheus.NewRegistry()
	p := newIngestedProber(t, cfg, c.View(flinktest.JobName), page)
	measured := make(chan episode.Measurement, 1)
	go func() {
		m, err := p.Round(t.Context(), 1)
		if err != nil {
			t.Error(err)
		}
		measured <- m
	}()
	require.Eventually(t, func() bool {
		r := p.Status().Round
		return r != nil && r.Sent == 1
	}, 10*time.Second, 10*time.Millisecond, "the record has offset 20")
	poll(19)
	poll(20)
	const bound = "flink_sidecar_probe_ingested_upper_bound_seconds"
	m := <-measured // the record is lost at its cut-off
	require.NotNil(t, m.IngestedUpperBound)
	require.Equal(t, 1, m.IngestedUpperBound.Count)
	require.Greater(t, m.IngestedUpperBound.Max, 1.0, "two polls")
	require.Less(t, m.IngestedUpperBound.Max, 4.0)
	require.GreaterOrEqual(t, m.IngestedUpperBound.Max, m.IngestedUpperBound.Resolution)
	require.Len(t, m.Hops, 1)
	require.EqualValues(t, 1, m.Records(episode.Lost))
	count, err := testutil.GatherAndCount(page, bound)
	require.NoError(t, err)
	require.Equal(t, 1, count)
}

// fillTopic writes records to orders that the job has read already.
func fillTopic(t *testing.T, brokers *kfake.Cluster, n int) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers.ListenAddrs()...))
	require.NoError(t, err)
	defer client.Close()
	for range n {
		require.NoError(t, client.ProduceSync(t.Context(), &kgo.Record{Topic: "orders", Value: []byte("{}")}).FirstErr())
	}
}

// newIngestedProber runs a probe with one sink until the test ends.
func newIngestedProber(
	t *testing.T, cfg *kafka.Config, view synthetic.SourceView, page *prometheus.Registry,
) *synthetic.Prober {
	t.Helper()
	probe := synthetic.DefaultConfig()
	probe.Job, probe.Topic, probe.Template = flinktest.JobName, "orders", `{"seed": "{{.Seed}}"}`
	require.NoError(t, probe.OnTimeWithin.Set("5s"))
	require.NoError(t, probe.Cutoff.Set("5s"))
	source, watched, err := sinks.Open(
		[]sinks.Config{{Name: "out", Kafka: &kafka.SinkConfig{Topic: "out", Isolation: "read_committed"}}},
		sinks.Servers{Kafka: cfg, Probe: &probe, Registerer: page, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	p, err := synthetic.New(synthetic.Options{
		Config: &probe, Source: source, Sinks: watched, OnDemand: true, History: synthetictest.NewHistory(),
		Reading: view, Registerer: page, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	ended := make(chan error)
	go func() { ended <- p.Run(t.Context()) }()
	t.Cleanup(func() { require.NoError(t, <-ended) })
	return p
}
