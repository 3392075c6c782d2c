package backlog

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

func TestOffsetsOf(t *testing.T) {
	const reader = "Source__orders_source.KafkaSourceReader.topic."
	read := offsetsOf(flink.Aggregates{
		reader + "orders_v1.partition.0.currentOffset":   {Max: 41},
		reader + "orders_v1.partition.1.currentOffset":   {Max: -1},
		reader + "orders_v1.partition.2.committedOffset": {Max: 7},
		reader + "orders_v2.partition.3.currentOffset":   {Max: 8},
	}, "orders_v1")
	require.Equal(t, map[int32]float64{0: 41}, read, "-1 is no offset")
}

func TestASourceOfTwoTopics(t *testing.T) {
	const name = "Source__s.KafkaSourceReader.topic.orders.partition.0.currentOffset"
	topic := NewTopic("job", "orders", nil)
	listed := []string{name, "Source__s.pendingRecords"}
	require.Equal(t, []string{name}, topic.Names(listed))
	other := "Source__s.KafkaSourceReader.topic.payments.partition.0.currentOffset"
	require.Empty(t, topic.Names(append(listed, other)), "the end offsets of orders are not all that waits")
}
