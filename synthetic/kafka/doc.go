// Package kafka contains the probe's use of Kafka: the job's source topic, and the
// sinks for topics that the job writes.
//
// [Cluster] makes both. A sink reads from the end offsets at the time before a record
// was sent, until it has seen the record. It joins no consumer group and commits no
// offsets.
package kafka
