package collector

import (
	"context"
	"regexp"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Input is the Kafka topic that a job reads, where the brokers are known. With it the
// backlog is known even while the source does not look at it.
type Input interface {
	// Ends returns the end offset of each partition.
	Ends(ctx context.Context) (map[int32]int64, error)
}

// topicInput is an input and the job that reads it.
type topicInput struct {
	Input

	job string
	// topic is the topic's name as Flink writes it in names of metrics.
	topic string
}

// notInNames are the characters that Flink replaces in names of metrics.
var notInNames = regexp.MustCompile(`[^\w-]`)

// SetInput tells where a job's source reads. It must be called before Run.
func (c *Collector) SetInput(job, topic string, input Input) {
	c.input = topicInput{Input: input, job: job, topic: notInNames.ReplaceAllString(topic, "_")}
}

// offsetName is the name of the metric with the offset of the record that a Kafka source
// last read from a partition.
var offsetName = regexp.MustCompile(`^Source__[^.]+\.KafkaSourceReader\.topic\.(.+)\.partition\.(\d+)\.currentOffset$`)

// waiting is how many records wait in the topic, and for the partition with most: the end
// offsets minus what was read. ok is false unless all partitions are known.
func (p *poll) waiting(ctx context.Context, job string, found flink.Aggregates) (records, most float64, ok bool) {
	if p.input.Input == nil || p.input.job != job || ctx.Err() != nil {
		return 0, 0, false
	}
	read := offsetsOf(found, p.input.topic)
	if len(read) == 0 {
		return 0, 0, false
	}
	ends, err := p.input.Ends(ctx)
	if err != nil {
		p.note(err)
		return 0, 0, false
	}
	for partition, end := range ends {
		last, known := read[partition]
		switch {
		case end == 0:
			continue // there has never been a record
		case !known:
			return 0, 0, false
		}
		left := max(0, float64(end)-last-1)
		records, most = records+left, max(most, left)
	}
	return records, most, len(ends) > 0
}

// offsetsOf are the last read offsets of a topic, by partition. A partition of which no
// record was read is left out: Flink says -1.
func offsetsOf(found flink.Aggregates, topic string) map[int32]float64 {
	read := map[int32]float64{}
	for name, a := range found {
		parts := offsetName.FindStringSubmatch(name)
		if parts == nil || notInNames.ReplaceAllString(parts[1], "_") != topic || a.Max < 0 {
			continue
		}
		if partition, err := strconv.ParseInt(parts[2], 10, 32); err == nil {
			read[int32(partition)] = a.Max
		}
	}
	return read
}
