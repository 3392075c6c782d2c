// Package kafka is Kafka as the probe uses it: the job's source topic, and topics
// that the job writes, as sinks.
//
// [Cluster] makes both. A sink reads from the end offsets of the moment before a
// record was sent, until it has seen the record. It joins no consumer group and
// commits nothing.
package kafka
