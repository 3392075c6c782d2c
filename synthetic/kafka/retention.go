package kafka

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// maxUnreadFetch bounds what is read of a partition to learn the age of a record.
const maxUnreadFetch = 64 << 10

// RetentionLeft returns the time until the retention of the topic can delete the first record
// that is not read, of partitions that are read up to the offsets next; 0 if one is deleted
// already. of is how long the topic keeps a record; both are 0 if it keeps all. It reads one
// record of each partition that has an unread one. Kafka deletes whole segments, so a record
// may live longer; a limit by size (retention.bytes) may end it sooner.
func (i *Input) RetentionLeft(ctx context.Context, next map[int32]int64) (left, of time.Duration, err error) {
	of, err = retentionOf(ctx, i.admin, i.use.topic)
	if err != nil || of < 0 {
		return 0, 0, err
	}
	unread, deleted, err := i.unread(ctx, next)
	switch {
	case err != nil:
		return 0, 0, err
	case deleted:
		return 0, of, nil
	}
	oldest, err := i.oldest(ctx, unread)
	if err != nil {
		return 0, 0, err
	}
	left = of
	if !oldest.IsZero() {
		left = max(0, of-max(0, time.Since(oldest)))
	}
	return left, of, nil
}

// unread are the partitions with a record at or after their offset. deleted is true if one of
// them does not have the record at its offset any more.
func (i *Input) unread(ctx context.Context, next map[int32]int64) (
	unread map[int32]kgo.Offset, deleted bool, err error,
) {
	ends, err := endsOf(ctx, i.admin, i.use)
	if err != nil {
		return nil, false, err
	}
	starts, err := i.admin.ListStartOffsets(ctx, i.use.topic)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return nil, false, i.use.explain(err)
	}
	unread = map[int32]kgo.Offset{}
	for partition, end := range ends {
		at := next[partition]
		start, _ := starts.Lookup(i.use.topic, partition)
		switch {
		case at >= end:
		case at < start.Offset && at > 0:
			return nil, true, nil
		default:
			unread[partition] = kgo.NewOffset().At(max(at, start.Offset))
		}
	}
	return unread, false, nil
}

// oldest is the time of the oldest of the first records from the offsets; zero without offsets.
func (i *Input) oldest(ctx context.Context, unread map[int32]kgo.Offset) (oldest time.Time, err error) {
	if len(unread) == 0 {
		return oldest, nil
	}
	client, err := kgo.NewClient(append(slices.Clone(i.opts), kgo.FetchMaxPartitionBytes(maxUnreadFetch),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{i.use.topic: unread}))...)
	if err != nil {
		return oldest, i.use.cfg.explain(err)
	}
	defer client.Close()
	for missing := len(unread); missing > 0; {
		fetches := client.PollFetches(ctx)
		for _, failure := range fetches.Errors() {
			return time.Time{}, i.use.cfg.reading("", i.use.topic).explain(failure.Err)
		}
		var seen []int32
		fetches.EachRecord(func(r *kgo.Record) {
			if _, wanted := unread[r.Partition]; !wanted {
				return
			}
			if oldest.IsZero() || r.Timestamp.Before(oldest) {
				oldest = r.Timestamp
			}
			delete(unread, r.Partition)
			seen = append(seen, r.Partition)
		})
		missing -= len(seen)
		client.PauseFetchPartitions(map[string][]int32{i.use.topic: seen})
	}
	return oldest, nil
}

// retentionOf returns how long a topic keeps records; negative is for ever. A topic that is only
// compacted keeps the last record of each key for ever.
func retentionOf(ctx context.Context, admin *kadm.Client, topic string) (time.Duration, error) {
	described, err := admin.DescribeTopicConfigs(ctx, topic)
	if err != nil {
		return 0, err
	}
	of, err := described.On(topic, nil)
	if err == nil {
		err = of.Err
	}
	if err != nil {
		return 0, err
	}
	keeps, found := time.Duration(0), false
	for _, config := range of.Configs {
		switch config.Key {
		case "retention.ms":
			keeps, found = milliseconds(config.MaybeValue()), true
		case "cleanup.policy":
			if policy := config.MaybeValue(); policy != "" && !strings.Contains(policy, "delete") {
				return -1, nil
			}
		}
	}
	if !found {
		return 0, fmt.Errorf("topic %q has no retention.ms", topic)
	}
	return keeps, nil
}

// milliseconds reads a number of them; what sets no limit is negative.
func milliseconds(text string) time.Duration {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms < 0 || ms > int64(1<<62/time.Millisecond) {
		return -1
	}
	return time.Duration(ms) * time.Millisecond
}
