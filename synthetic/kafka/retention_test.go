package kafka_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

// aged writes a record of an age to a partition.
func aged(t *testing.T, client *kgo.Client, partition int32, age time.Duration) {
	t.Helper()
	require.NoError(t, client.ProduceSync(t.Context(), &kgo.Record{
		Topic: "out", Partition: partition, Value: []byte("v"), Timestamp: time.Now().Add(-age),
	}).FirstErr())
}

// TestRetentionLeft has two partitions: the records of the first are 3, 2 and 1 h old, that of
// the second half an hour.
func TestRetentionLeft(t *testing.T) {
	network := synthetictest.NewNetwork()
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(1), kfake.Ports(19092), kfake.ListenFn(network.Listen), kfake.SeedTopics(2, "out"),
	)
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.Dialer(network.DialContext),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	t.Cleanup(client.Close)
	for hours := 3; hours > 0; hours-- {
		aged(t, client, 0, time.Duration(hours)*time.Hour)
	}
	aged(t, client, 1, 30*time.Minute)
	admin := kadm.NewClient(client)
	configure := func(key, value string) {
		_, err := admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Name: key, Value: &value}}, "out")
		require.NoError(t, err)
	}
	configure("retention.ms", "14400000") // 4 h
	input, err := kafka.NewInput(&kafka.Config{Brokers: []string{address}}, "out", network.Dial)
	require.NoError(t, err)
	t.Cleanup(input.Close)
	left := func(next map[int32]int64) (time.Duration, time.Duration) {
		left, of, err := input.RetentionLeft(t.Context(), next)
		require.NoError(t, err)
		return left, of
	}

	for read, want := range map[int64]time.Duration{0: time.Hour, 1: 2 * time.Hour, 3: 4 * time.Hour} {
		got, of := left(map[int32]int64{0: read, 1: 1})
		require.Equal(t, 4*time.Hour, of)
		require.InDelta(t, want.Seconds(), got.Seconds(), 60, "read up to %d", read)
	}
	got, _ := left(map[int32]int64{0: 3})
	require.InDelta(t, (3*time.Hour + 30*time.Minute).Seconds(), got.Seconds(), 60, "the partition that is behind counts")

	_, err = admin.DeleteRecords(t.Context(), kadm.Offsets{"out": {0: {Topic: "out", Partition: 0, At: 2}}})
	require.NoError(t, err)
	got, _ = left(map[int32]int64{0: 1, 1: 1})
	require.Zero(t, got, "the record at offset 1 is deleted")

	configure("cleanup.policy", "compact")
	_, of := left(map[int32]int64{0: 1})
	require.Zero(t, of, "the last record of each key is kept for ever")

	stopped, stop := context.WithCancel(t.Context())
	stop()
	_, _, err = input.RetentionLeft(stopped, nil)
	require.ErrorIs(t, err, context.Canceled)
}
