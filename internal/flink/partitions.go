package flink

import "github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"

// partitionOffset is the name of a metric that a Kafka source has for each partition it reads.
var partitionOffset = lazyregexp.New(`\.KafkaSourceReader\.topic\.([^.]+)\.partition\.(\d+)\.currentOffset$`)

// KafkaPartition returns the topic and the number of the partition that a metric of a Kafka
// source is about; ok is false for any other metric. Flink replaces dots and some other
// characters in the name of the topic with underscores.
func KafkaPartition(metric string) (topic, number string, ok bool) {
	m := partitionOffset().FindStringSubmatch(metric)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}
