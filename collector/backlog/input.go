package backlog

import (
	"context"
	"regexp"
	"strconv"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Input is the Kafka topic that a job reads, where the brokers are known. Flink's own count
// of what waits leaves out what a source has fetched and not yet read, and stands still
// while the source does not fetch.
type Input interface {
	// Ends returns the end offset of each partition.
	Ends(ctx context.Context) (map[int32]int64, error)
	// RetentionLeft returns the time until the retention can delete a record that is not read,
	// of partitions that are read up to an offset, and how long the topic keeps a record. Both
	// are 0 if it keeps all.
	RetentionLeft(ctx context.Context, next map[int32]int64) (left, of time.Duration, err error)
}

// Topic is the input of a job's source.
type Topic struct {
	Input

	// Job is the name of the job.
	Job string
	// name is the topic's name as Flink writes it in names of metrics.
	name string
}

// NewTopic returns the input of a job.
func NewTopic(job, topic string, input Input) Topic {
	return Topic{Input: input, Job: job, name: inNames(topic)}
}

// notInNames are the characters that Flink replaces in names of metrics.
var notInNames = regexp.MustCompile(`[^\w-]`)

func inNames(topic string) string { return notInNames.ReplaceAllString(topic, "_") }

// offsetName is the name of the metric with the offset of the record that a Kafka source
// last read from a partition.
var offsetName = regexp.MustCompile(`^Source__[^.]+\.KafkaSourceReader\.topic\.(.+)\.partition\.(\d+)\.currentOffset$`)

// Names are those of the listed metrics that say what a source has read of the topic. There
// are none if the source reads another topic too: what waits there is not known.
func (t Topic) Names(listed []string) (names []string) {
	for _, name := range listed {
		switch parts := offsetName.FindStringSubmatch(name); {
		case parts == nil:
		case inNames(parts[1]) != t.name:
			return nil
		default:
			names = append(names, name)
		}
	}
	return names
}

// Waiting is how many records wait in the topic: the end offsets minus what was read, by the
// metrics of the source. ok is false unless all partitions are known.
func (t Topic) Waiting(ends map[int32]int64, found flink.Aggregates) (waiting Records, ok bool) {
	read := offsetsOf(found, t.name)
	for partition, end := range ends {
		last, known := read[partition]
		switch {
		case end == 0:
			continue // there has never been a record
		case !known:
			return Records{}, false
		}
		left := max(0, float64(end)-last-1)
		waiting.All, waiting.Most = waiting.All+left, max(waiting.Most, left)
	}
	return waiting, len(ends) > 0
}

// Last is the offset of the last record that was read of each partition, by the metrics of the
// source. A partition of which no record was read is left out.
func (t Topic) Last(found flink.Aggregates) map[int32]int64 {
	last := map[int32]int64{}
	for partition, offset := range offsetsOf(found, t.name) {
		last[partition] = int64(offset)
	}
	return last
}

// next is the offset of the first record of each partition that is not read.
func (t Topic) next(found flink.Aggregates) map[int32]int64 {
	next := map[int32]int64{}
	for partition, last := range t.Last(found) {
		next[partition] = last + 1
	}
	return next
}

// offsetsOf are the last read offsets of a topic, by partition. A partition of which no
// record was read is left out: Flink says -1.
func offsetsOf(found flink.Aggregates, topic string) map[int32]float64 {
	read := map[int32]float64{}
	for name, a := range found {
		parts := offsetName.FindStringSubmatch(name)
		if parts == nil || inNames(parts[1]) != topic || a.Max < 0 {
			continue
		}
		if partition, err := strconv.ParseInt(parts[2], 10, 32); err == nil {
			read[int32(partition)] = a.Max
		}
	}
	return read
}
