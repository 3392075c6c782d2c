package kafka_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinktest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

const address = "localhost:19092"

func TestConformance(t *testing.T) { sinktest.Run(t, newFixture) }

func newFixture(t *testing.T) sinktest.Fixture {
	network := synthetictest.NewNetwork()
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(1), kfake.Ports(19092), kfake.ListenFn(network.Listen), kfake.SeedTopics(3, "out"),
	)
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	probe := synthetic.DefaultConfig()
	return sinktest.Fixture{
		Spec: func() synthetic.SinkSpec {
			c, err := kafka.NewCluster(kafka.Options{
				Config: &kafka.Config{Brokers: []string{address}}, Probe: &probe, Log: slog.New(slog.DiscardHandler),
				Dial: network.Dial,
			})
			require.NoError(t, err)
			return c.Sink("enriched", kafka.SinkConfig{Topic: "out", Isolation: "read_committed"})
		},
		Write: func(seed string) { write(t, network, seed) },
		Cut:   func() { network.Cut(address) }, Mend: func() { network.Mend(address) },
		Remove: func() { require.NoError(t, cluster.DeleteTopic("out")) },
		Create: func() { require.NoError(t, cluster.CreateTopic("out", 3, nil)) },
		Error:  10 * time.Millisecond,
	}
}

// write produces as the job does, over a connection that cuts do not affect.
func write(t *testing.T, network *synthetictest.Network, seed string) {
	t.Helper()
	job, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.Dialer(network.DialContext), kgo.ProducerLinger(0))
	require.NoError(t, err)
	defer job.Close()
	require.NoError(
		t,
		job.ProduceSync(t.Context(), &kgo.Record{Topic: "out", Value: []byte(`{"seed":"` + seed + `"}`)}).FirstErr(),
	)
}
