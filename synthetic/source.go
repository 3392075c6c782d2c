package synthetic

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// maxProduceTimeout bounds how long a record may wait for its
	// acknowledgement, however long the service level is.
	maxProduceTimeout = 30 * time.Second
	// partitionsAge is how long the list of source partitions is believed.
	partitionsAge = time.Minute
	// lastFlush is how long a stopping probe waits for acknowledgements.
	lastFlush = 2 * time.Second
)

// source is the job's source topic, seen from the writing side. It has a client
// of its own, so that nothing delays an acknowledgement but the brokers.
//
// Each record is tried for timeout and then fails; the probe never sends it
// again, so a record that the brokers stored nevertheless is seen at the sinks
// as seen_after_produce_failed and not as a duplicate. The producer is
// idempotent, so that its own retries make no duplicates either, unless the
// brokers are older than 2.8 and deny that right.
type source struct {
	use     topicUse
	opts    []kgo.Opt
	timeout time.Duration
	log     *slog.Logger
	clock   clock

	mu     sync.Mutex // protects what follows
	client *kgo.Client
	plain  bool // idempotence was denied
	known  []int32
	asked  Moment // when the partitions were listed
	gone   bool   // the topic did not exist when it was written to last
}

func newSource(cfg *KafkaConfig, probe *Config, dial DialFunc, now clock, log *slog.Logger) (*source, error) {
	common, err := cfg.clientOptions(dial)
	if err != nil {
		return nil, err
	}
	timeout := min(time.Duration(probe.OnTimeWithin), maxProduceTimeout)
	s := &source{use: cfg.writing(probe.Topic), timeout: timeout, log: log, clock: now}
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

// warm makes the client ready, so that the first record's acknowledgement is
// not measured with the handshake in it, and settles whether the producer may
// be idempotent.
func (s *source) warm(ctx context.Context) error {
	if _, err := s.partitions(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	_, _, err := s.current().ProducerID(ctx)
	if errors.Is(err, kerr.ClusterAuthorizationFailed) {
		return s.giveUpIdempotence()
	}
	return nil // whatever else it is, producing will say it better
}

// giveUpIdempotence replaces the client by one that needs no right but WRITE.
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
	s.log.Warn("Producing without idempotence, which the brokers deny; a broker failure may now look like produce_failed", "fix", "grant IDEMPOTENT_WRITE on the cluster")
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

// partitions returns the topic's partitions as of a minute ago at most; when
// the brokers don't answer, as they were known last.
func (s *source) partitions(ctx context.Context) ([]int32, error) {
	now := s.clock()
	known, fresh := s.remembered(now)
	if fresh {
		return known, nil
	}
	found, err := s.use.partitions(ctx, s.current())
	if err != nil && known != nil && !isPermanent(err) {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	client, wasGone := s.client, s.gone
	s.known, s.asked, s.gone = found, now, false
	s.mu.Unlock()
	switch {
	case wasGone: // what is there again is another topic of the same name
		client.PurgeTopicsFromProducing(s.use.topic)
	case known != nil && !slices.Equal(known, found):
		client.ForceMetadataRefresh()
	}
	return found, nil
}

// remembered returns the partitions as listed last, and whether that will do.
func (s *source) remembered(now Moment) (known []int32, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known, s.known != nil && !s.gone && now.Since(s.asked) < partitionsAge
}

// produce hands a record to Kafka. done is called once: with nil when all
// in-sync replicas have it, or with why that is not known.
func (s *source) produce(ctx context.Context, r *kgo.Record, done func(error)) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	r.Topic = s.use.topic
	s.current().Produce(ctx, r, func(_ *kgo.Record, err error) {
		cancel()
		s.learn(err)
		done(err)
	})
}

// learn draws what conclusions a failed produce allows for the next one.
func (s *source) learn(err error) {
	switch {
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		if err := s.giveUpIdempotence(); err != nil {
			s.log.Error("The producer can't be replaced", "err", err)
		}
	case isPermanent(s.use.explain(err)):
		s.mu.Lock()
		s.gone = true // or forbidden: either way, ask again
		s.mu.Unlock()
	}
}

// close waits a moment for acknowledgements that are under way.
func (s *source) close() {
	ctx, cancel := context.WithTimeout(context.Background(), lastFlush)
	defer cancel()
	client := s.current()
	if err := client.Flush(ctx); err != nil {
		s.log.Debug("Stopping without all acknowledgements", "err", err)
	}
	client.Close()
}

// count returns how many partitions the topic has, 0 until that is known.
func (s *source) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.known)
}
