package kafka

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

const (
	// maxProduceTimeout bounds the wait for the acknowledgement of a record, for any
	// service level.
	maxProduceTimeout = 30 * time.Second
	// partitionsAge is the maximum age of the list of source partitions.
	partitionsAge = time.Minute
	// lastFlush is the maximum wait of a stopping probe for acknowledgements.
	lastFlush = 2 * time.Second
)

// source writes to the job's source topic. It has a client of its own, so that only the
// brokers can delay an acknowledgement.
//
// Each record fails after timeout, and the probe never sends it again. If the brokers
// stored it nevertheless, the sinks show it as seen_after_produce_failed and not as a
// duplicate. The producer is idempotent, so that its own retries make no duplicates
// either. Brokers older than 2.8 may refuse idempotence; then the producer works
// without it.
type source struct {
	use     topicUse
	opts    []kgo.Opt
	timeout time.Duration
	log     *slog.Logger

	mu     sync.Mutex // protects the following fields
	client *kgo.Client
	plain  bool // the brokers refuse idempotence
	known  []int32
	asked  time.Time // time of the last list of partitions
	gone   bool      // the topic did not exist at the last produce
	ready  bool      // the check of idempotence is done
}

func (c *Cluster) openSource() (synthetic.Source, error) {
	common, err := c.cfg.clientOptions(c.dial)
	if err != nil {
		return nil, err
	}
	timeout := min(time.Duration(c.probe.OnTimeWithin), maxProduceTimeout)
	s := &source{use: c.cfg.writing(c.probe.Topic), timeout: timeout, log: c.log}
	s.opts = append(common,
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.RecordDeliveryTimeout(timeout),
		kgo.ProduceRequestTimeout(timeout),
		kgo.ProducerLinger(0),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.UnknownTopicRetries(1),
	)
	s.client, err = kgo.NewClient(append(slices.Clone(s.opts), kgo.AllowIdempotentProduceCancellation())...)
	if err != nil {
		return nil, s.use.cfg.explain(err)
	}
	return s, nil
}

// settleIdempotence checks once whether the producer may be idempotent. It also opens
// the connection, so that the first acknowledgement does not include the handshake.
func (s *source) settleIdempotence(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	_, _, err := s.current().ProducerID(ctx)
	if errors.Is(err, kerr.ClusterAuthorizationFailed) {
		return s.giveUpIdempotence()
	}
	return nil // the first produce explains any other error better
}

// giveUpIdempotence replaces the client by one that needs only the right WRITE.
func (s *source) giveUpIdempotence() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plain {
		return nil
	}
	client, err := kgo.NewClient(append(slices.Clone(s.opts), kgo.DisableIdempotentWrite(), kgo.RecordRetries(0))...)
	if err != nil {
		return err
	}
	s.log.Warn(
		"Producing without idempotence, which the brokers deny; a broker failure may now look like produce_failed",
		"fix", "grant IDEMPOTENT_WRITE on the cluster",
	)
	old := s.client
	s.client, s.plain = client, true
	go old.Close()
	return nil
}

func (s *source) current() *kgo.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client
}

// Partitions returns the topic's partitions, at most a minute old. If the brokers do
// not answer, it returns the last known ones.
func (s *source) Partitions(ctx context.Context) ([]int32, error) {
	found, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	ready := s.ready
	s.ready = true
	s.mu.Unlock()
	if !ready {
		err = s.settleIdempotence(ctx)
	}
	return found, err
}

func (s *source) list(ctx context.Context) ([]int32, error) {
	known, fresh := s.remembered()
	if fresh {
		return known, nil
	}
	asked := time.Now()
	found, err := s.use.partitions(ctx, s.current())
	if err != nil && known != nil && !synthetic.IsPermanent(err) {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	client, wasGone := s.client, s.gone
	s.known, s.asked, s.gone = found, asked, false
	s.mu.Unlock()
	switch {
	case wasGone: // a new topic of the same name
		client.PurgeTopicsFromProducing(s.use.topic)
	case known != nil && !slices.Equal(known, found):
		client.ForceMetadataRefresh()
	}
	return found, nil
}

// remembered returns the last known partitions, and whether they are recent enough.
func (s *source) remembered() (known []int32, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known, s.known != nil && !s.gone && time.Since(s.asked) < partitionsAge
}

// Produce hands a record to Kafka. It calls done with nil when all in-sync replicas
// have the record.
func (s *source) Produce(ctx context.Context, r synthetic.Record, done func(offset int64, err error)) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	record := &kgo.Record{
		Topic: s.use.topic, Key: []byte(r.Key), Value: r.Value, Partition: r.Partition,
		Headers: []kgo.RecordHeader{{Key: payload.SeedHeader, Value: []byte(r.Seed)}},
	}
	s.current().Produce(ctx, record, func(stored *kgo.Record, err error) {
		cancel()
		s.learn(err)
		if errors.Is(err, kgo.ErrClientClosed) {
			done(stored.Offset, synthetic.ErrSourceClosed)
			return
		}
		done(stored.Offset, s.use.explain(err))
	})
}

// learn adapts the producer to the reason of a failed produce.
func (s *source) learn(err error) {
	switch {
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		if err := s.giveUpIdempotence(); err != nil {
			s.log.Error("The producer can't be replaced", "err", err)
		}
	case synthetic.IsPermanent(s.use.explain(err)):
		s.mu.Lock()
		s.gone = true // or forbidden: in both cases list the partitions again
		s.mu.Unlock()
	}
}

// Close waits briefly for acknowledgements under way.
func (s *source) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), lastFlush)
	defer cancel()
	client := s.current()
	if err := client.Flush(ctx); err != nil {
		s.log.Debug("Stopping without all acknowledgements", "err", err)
	}
	client.Close()
}
