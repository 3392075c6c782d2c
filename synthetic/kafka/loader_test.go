package kafka_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// TestASenderUsesItsRecordsAgain sends more records than are made ready, at first while the
// brokers do not answer: each one arrives once, with its own key, header, value and time.
func TestASenderUsesItsRecordsAgain(t *testing.T) {
	const unanswered, n = kafka.Ready + 5_000, 2*kafka.Ready + 10_000
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "orders"))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	answer := make(chan struct{})
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		<-answer
		return nil, nil, false
	})
	loader, err := kafka.NewLoader(&kafka.Config{Brokers: cluster.ListenAddrs()}, "orders", true, nil)
	require.NoError(t, err)
	t.Cleanup(loader.Close)
	_, err = loader.Partitions(t.Context())
	require.NoError(t, err)

	began := time.Now() // the producer counts its timeout from the time stamp
	at := func(i int) time.Time { return began.Add(time.Duration(i) * time.Microsecond) }
	answered := make([]int, n)
	send := loader.Sender(t.Context(), n, func(i int) (partition int32, seed, value []byte) {
		return int32(i % 2), fmt.Appendf(nil, "seed-%d", i), fmt.Appendf(nil, "value-%d", i)
	}, func(i int, err error) {
		answered[i]++
		require.NoError(t, err)
	})
	for i := range n {
		if i == unanswered {
			close(answer)
		}
		send(i, at(i))
	}
	require.NoError(t, loader.Flush(t.Context()))
	arrived := make([]int, n)
	for _, r := range readAll(t, cluster.ListenAddrs(), n) {
		var i int
		_, err := fmt.Sscanf(string(r.Key), "seed-%d", &i)
		require.NoError(t, err)
		arrived[i]++
		require.Equal(t, fmt.Sprintf("value-%d", i), string(r.Value))
		require.Equal(t, []kgo.RecordHeader{{Key: payload.SeedHeader, Value: r.Key}}, r.Headers)
		require.Equal(t, int32(i%2), r.Partition)
		require.Equal(t, at(i).UnixMilli(), r.Timestamp.UnixMilli())
	}
	for i := range n {
		require.Equal(t, []int{1, 1}, []int{answered[i], arrived[i]}, "answered and arrived, record %d", i)
	}
}

// readAll reads n records of the topic orders.
func readAll(t *testing.T, brokers []string, n int) (records []*kgo.Record) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumeTopics("orders"))
	require.NoError(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(records) < n {
		fetches := client.PollFetches(ctx)
		require.NoError(t, fetches.Err())
		records = append(records, fetches.Records()...)
	}
	return records
}
