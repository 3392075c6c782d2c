package kafka

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// Scanner reads everything that arrives in a topic that the job writes. A scale test uses
// it: unlike the sink of the probe it has no budget, because the records that it reads are
// mostly those of the test.
type Scanner struct {
	use    topicUse
	client *kgo.Client
	admin  *kadm.Client
}

// NewScanner makes a scanner for the topic of a sink. It opens no connection. A nil dial
// means the network.
func NewScanner(cfg *Config, sink string, topic SinkConfig, dial synthetic.DialFunc) (*Scanner, error) {
	opts, err := cfg.clientOptions(dial)
	if err != nil {
		return nil, err
	}
	isolation := kgo.ReadCommitted()
	if topic.Isolation == readUncommitted {
		isolation = kgo.ReadUncommitted()
	}
	client, err := kgo.NewClient(append(opts, kgo.FetchIsolationLevel(isolation), kgo.FetchMaxWait(fetchWait))...)
	if err != nil {
		return nil, cfg.explain(err)
	}
	return &Scanner{use: cfg.reading(sink, topic.Topic), client: client, admin: kadm.NewClient(client)}, nil
}

// Start makes the scanner begin at the present end of each partition, and returns the
// partitions: what arrives later is found by Run.
func (s *Scanner) Start(ctx context.Context) ([]int32, error) {
	partitions, err := s.use.partitions(ctx, s.client)
	if err != nil {
		return nil, err
	}
	ends, err := endsOf(ctx, s.admin, s.use)
	if err != nil {
		return nil, err
	}
	offsets := map[int32]kgo.Offset{}
	for partition, end := range ends {
		offsets[partition] = kgo.NewOffset().At(end)
	}
	s.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{s.use.topic: offsets})
	return partitions, nil
}

// Reachable returns why the topic can't be read now; nil if it can. A client that has lost
// its brokers reports no error while it reads: it waits for them.
func (s *Scanner) Reachable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	_, err := endsOf(ctx, s.admin, s.use)
	return err
}

// Run reads until ctx ends. It calls found for each record with the part that holds its
// seed, if any part does: the header, else the value and the key. It calls failed with each error of
// a read, and with nil after each read that succeeded.
func (s *Scanner) Run(ctx context.Context, found func(partition int32, at time.Time, parts ...[]byte),
	failed func(error),
) {
	for ctx.Err() == nil {
		fetches := s.client.PollFetches(ctx)
		at := time.Now()
		for _, fetchErr := range fetches.Errors() {
			if ctx.Err() != nil {
				return // the end of our own poll
			}
			failed(s.use.explain(fetchErr.Err))
			_ = wait.For(ctx, afterReadError)
			break
		}
		if !fetches.Empty() {
			failed(nil)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if header := seedHeader(r); header != nil {
				found(r.Partition, at, header)
				return
			}
			found(r.Partition, at, r.Value, r.Key)
		})
	}
}

func seedHeader(r *kgo.Record) []byte {
	for _, h := range r.Headers {
		if h.Key == payload.SeedHeader {
			return h.Value
		}
	}
	return nil
}

// Close ends the connections. Run has returned.
func (s *Scanner) Close() { s.client.Close() }
