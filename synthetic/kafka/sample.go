package kafka

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

const (
	// sampleWithin bounds the reading of a sample, and samplePerPartition the number of
	// records that are read of each partition.
	sampleWithin       = 10 * time.Second
	samplePerPartition = 3
	// sampleMore is how long the reading goes on after the first records.
	sampleMore = 500 * time.Millisecond
	// maxSampleFetch bounds what is read of a partition at once.
	maxSampleFetch = 1 << 20
)

// Sampled is a record of a topic.
type Sampled struct {
	Key, Value []byte
	Timestamp  time.Time
}

// Sample reads the newest records of a topic, newest first. shown is the topic's name, or
// the name that Flink's metrics give it, with underscores for dots; topic is the real name.
// It joins no consumer group and commits nothing.
func (c *Config) Sample(
	ctx context.Context, shown string, dial synthetic.DialFunc,
) (topic string, newest []Sampled, err error) {
	ctx, cancel := context.WithTimeout(ctx, sampleWithin)
	defer cancel()
	opts, err := c.clientOptions(dial)
	if err != nil {
		return "", nil, err
	}
	client, err := kgo.NewClient(append(opts, kgo.FetchMaxPartitionBytes(maxSampleFetch))...)
	if err != nil {
		return "", nil, fmt.Errorf("kafka: %w", err)
	}
	defer client.Close()
	if topic, err = c.realName(ctx, client, shown); err != nil {
		return "", nil, err
	}
	if err := c.readEnds(ctx, client, topic); err != nil {
		return topic, nil, err
	}
	newest, err = c.pollSample(ctx, client, topic)
	return topic, newest, err
}

// realName finds the topic of a name from Flink's metrics.
func (c *Config) realName(ctx context.Context, client *kgo.Client, shown string) (string, error) {
	topics, err := kadm.NewClient(client).ListTopics(ctx)
	if err != nil {
		return "", c.explain(err)
	}
	var found []string
	for _, name := range topics.Names() {
		if name == shown {
			return shown, nil
		}
		if strings.ReplaceAll(name, ".", "_") == shown {
			found = append(found, name)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("kafka: the brokers at %s show no topic %q (correct the brokers, or grant DESCRIBE on "+
			"the topic to %s)", strings.Join(c.Brokers, ", "), shown, c.principal())
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("kafka: %q may be the topic %s (set probe.topic by hand)", shown, strings.Join(found, " or "))
}

// readEnds begins to read a few records before the end of each partition.
func (c *Config) readEnds(ctx context.Context, client *kgo.Client, topic string) error {
	admin := kadm.NewClient(client)
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return c.reading("", topic).explain(err)
	}
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return c.reading("", topic).explain(err)
	}
	from := map[int32]kgo.Offset{}
	ends.Each(func(end kadm.ListedOffset) {
		start, _ := starts.Lookup(topic, end.Partition)
		if end.Offset > start.Offset {
			from[end.Partition] = kgo.NewOffset().At(max(start.Offset, end.Offset-samplePerPartition))
		}
	})
	if len(from) == 0 {
		return fmt.Errorf("kafka: topic %q has no record (wait for one)", topic)
	}
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: from})
	return nil
}

// pollSample reads until some records are there.
func (c *Config) pollSample(ctx context.Context, client *kgo.Client, topic string) ([]Sampled, error) {
	var newest []Sampled
	reading, stop := context.WithCancel(ctx)
	defer stop()
	for reading.Err() == nil {
		fetches := client.PollFetches(reading)
		for _, failure := range fetches.Errors() {
			if reading.Err() == nil {
				return nil, c.reading("", topic).explain(failure.Err)
			}
		}
		for _, r := range fetches.Records() {
			if len(newest) == 0 {
				time.AfterFunc(sampleMore, stop)
			}
			newest = append(newest, Sampled{Key: r.Key, Value: r.Value, Timestamp: r.Timestamp})
		}
	}
	if len(newest) == 0 {
		return nil, c.explain(context.DeadlineExceeded)
	}
	slices.SortStableFunc(newest, func(a, b Sampled) int { return b.Timestamp.Compare(a.Timestamp) })
	return newest, nil
}
