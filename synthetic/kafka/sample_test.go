package kafka

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// filled returns a configuration of brokers whose topic orders.v1 has records.
func filled(t *testing.T, records int, topics ...string) *Config {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, append(topics, "orders.v1")...))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	cfg := &Config{Brokers: cluster.ListenAddrs()}
	client, err := kgo.NewClient(kgo.SeedBrokers(cfg.Brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	defer client.Close()
	for i := range records {
		require.NoError(t, client.ProduceSync(t.Context(), &kgo.Record{
			Topic: "orders.v1", Partition: 1, Key: []byte("k"), Value: fmt.Appendf(nil, "record %d", i),
		}).FirstErr())
	}
	return cfg
}

func TestSampleReadsTheNewestRecords(t *testing.T) {
	for records, want := range map[int]int{1: 1, 2: 2, 10: 3} {
		topic, newest, err := filled(t, records).Sample(t.Context(), "orders_v1", nil)
		require.NoError(t, err)
		require.Equal(t, "orders.v1", topic, "by the name in Flink's metrics")
		require.Len(t, newest, want)
		var values []string
		for _, r := range newest {
			require.Equal(t, "k", string(r.Key))
			require.False(t, r.Timestamp.IsZero())
			values = append(values, string(r.Value))
		}
		require.Contains(t, values, fmt.Sprintf("record %d", records-1))
	}
}

func TestSampleErrorsSayWhatToDo(t *testing.T) {
	_, _, err := filled(t, 0).Sample(t.Context(), "orders.v1", nil)
	require.EqualError(t, err, `kafka: topic "orders.v1" has no record (wait for one)`)
	_, _, err = filled(t, 0).Sample(t.Context(), "other", nil)
	require.ErrorContains(t, err, `show no topic "other" (correct the brokers, or grant DESCRIBE on the topic to User:ANONYMOUS)`)
	_, _, err = filled(t, 1, "a.b_c", "a_b.c").Sample(t.Context(), "a_b_c", nil)
	require.EqualError(t, err, `kafka: "a_b_c" may be the topic a.b_c or a_b.c (set probe.topic by hand)`)
	_, _, err = (&Config{Brokers: []string{"127.0.0.1:1"}}).Sample(t.Context(), "orders", nil)
	require.ErrorContains(t, err, "(start the brokers, or correct kafka.brokers)")
}
