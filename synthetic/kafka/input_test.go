package kafka_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

func TestInputEnds(t *testing.T) {
	network := synthetictest.NewNetwork()
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(1), kfake.Ports(19092), kfake.ListenFn(network.Listen), kfake.SeedTopics(2, "out"),
	)
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	open := func(topic string) *kafka.Input {
		input, err := kafka.NewInput(&kafka.Config{Brokers: []string{address}}, topic, network.Dial)
		require.NoError(t, err)
		t.Cleanup(input.Close)
		return input
	}
	ends, err := open("out").Ends(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[int32]int64{0: 0, 1: 0}, ends)
	for range 5 {
		write(t, network, "seed")
	}
	ends, err = open("out").Ends(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(5), ends[0]+ends[1])

	_, err = open("absent").Ends(t.Context())
	require.ErrorIs(t, err, synthetic.ErrMissing)
	require.ErrorContains(t, err, "create it, or correct probe.topic")
}
