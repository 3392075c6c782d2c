package kafka

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

const (
	// loadBuffer bounds the records that wait in the producer. A fuller buffer would only
	// hide that the brokers are slower than the sender.
	loadBuffer = 100_000
	// loadLinger lets batches fill at full speed. It is part of the latency, so a loader
	// with a fixed rate does not linger.
	loadLinger = 10 * time.Millisecond
	// loadTimeout bounds the time in which a record must be acknowledged.
	loadTimeout = 30 * time.Second
)

// Loader writes the records of a scale test to the topic that the job reads. In contrast
// to the source of the probe it sends in batches, compressed, as a usual producer does.
type Loader struct {
	use    topicUse
	client *kgo.Client
}

// NewLoader makes a loader. It opens no connection. A nil dial means the network.
func NewLoader(cfg *Config, topic string, atFullSpeed bool, dial synthetic.DialFunc) (*Loader, error) {
	opts, err := cfg.clientOptions(dial)
	if err != nil {
		return nil, err
	}
	linger := time.Duration(0)
	if atFullSpeed {
		linger = loadLinger
	}
	client, err := kgo.NewClient(append(opts,
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RecordDeliveryTimeout(loadTimeout),
		kgo.ProduceRequestTimeout(loadTimeout),
		kgo.MaxBufferedRecords(loadBuffer),
		kgo.ProducerLinger(linger),
		kgo.UnknownTopicRetries(1),
		kgo.AllowIdempotentProduceCancellation(),
	)...)
	if err != nil {
		return nil, cfg.explain(err)
	}
	return &Loader{use: cfg.writing(topic), client: client}, nil
}

// Partitions returns the topic's partitions, sorted. It also opens the connection to the
// brokers and gets the producer's id, so that neither is part of a measurement.
func (l *Loader) Partitions(ctx context.Context) ([]int32, error) {
	partitions, err := l.use.partitions(ctx, l.client)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	if _, _, err := l.client.ProducerID(ctx); errors.Is(err, kerr.ClusterAuthorizationFailed) {
		return nil, synthetic.Explain(err, synthetic.ErrNoRight,
			"kafka: not authorised to produce exactly once (grant IDEMPOTENT_WRITE on the cluster to %s)",
			l.use.cfg.principal())
	}
	return partitions, nil
}

// slab is how many records are allocated at once: the allocation of each would be a third
// of the work of sending it.
const slab = 32

// loaded is a record with its header beside it.
type loaded struct {
	record kgo.Record
	header [1]kgo.RecordHeader
}

// Sender returns how the records of an iteration are handed to the producer, by one
// goroutine. send waits while the buffer is full. done is called once for each record with
// its seed, from one other goroutine: with nil when all in-sync replicas have the record.
// Seeds and values must not change after they were sent.
func (l *Loader) Sender(
	ctx context.Context, done func(seed []byte, err error),
) (send func(partition int32, seed, value []byte)) {
	answered := func(r *kgo.Record, err error) { done(r.Key, l.explain(err)) }
	var free []loaded
	return func(partition int32, seed, value []byte) {
		if len(free) == 0 {
			free = make([]loaded, slab)
		}
		next := &free[0]
		free = free[1:]
		next.header[0] = kgo.RecordHeader{Key: synthetic.SeedHeader, Value: seed}
		r := &next.record
		r.Topic, r.Key, r.Value, r.Partition, r.Headers = l.use.topic, seed, value, partition, next.header[:]
		l.client.Produce(ctx, r, answered)
	}
}

func (l *Loader) explain(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, kerr.MessageTooLarge) {
		return synthetic.Explain(err, nil, "kafka: the brokers refuse records of this size in %q "+
			"(make the payload smaller, or raise max.message.bytes of the topic)", l.use.topic)
	}
	return l.use.explain(err)
}

// Flush waits until every record has its answer. The error is that of ctx.
func (l *Loader) Flush(ctx context.Context) error { return l.client.Flush(ctx) }

// Close ends the connections. Records without an answer get an error.
func (l *Loader) Close() { l.client.Close() }
