package kafka

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
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

// ready is how many records of a sender are made before the first one is sent, and used again
// after their answer. It is above the number of records that wait for their answer at a time, so
// that a sender hardly ever makes another one meanwhile.
const ready = 1 << 16

// loaded is a record with its header beside it.
type loaded struct {
	record kgo.Record
	header [1]kgo.RecordHeader
	index  int
	// busy is set until the producer has answered, answered is what it calls then.
	busy     atomic.Bool
	answered func(*kgo.Record, error)
}

// Sender makes the records of an iteration ready, and returns how one goroutine hands them to
// the producer, in order. of returns the i-th of the n records. send waits while the buffer is
// full; at is the present time, which becomes the time stamp of the record, and from which
// the producer counts the time until it gives up. done is called once for each record, from one
// other goroutine: with nil when all in-sync replicas have it. Seeds and values must not change
// after they were sent.
func (l *Loader) Sender(
	ctx context.Context, n int, of func(i int) (partition int32, seed, value []byte), done func(i int, err error),
) (send func(i int, at time.Time)) {
	made := make([]loaded, min(n, ready))
	for i := range made {
		l.prepare(&made[i], done)
		made[i].fill(i, of)
	}
	return func(i int, at time.Time) {
		next := &made[i%len(made)]
		if next.busy.Load() {
			next = &loaded{}
			l.prepare(next, done)
		}
		if next.index != i {
			next.fill(i, of)
		}
		next.busy.Store(true)
		next.record.Timestamp = at
		l.client.Produce(ctx, &next.record, next.answered)
	}
}

// prepare sets what all records have in common.
func (l *Loader) prepare(r *loaded, done func(i int, err error)) {
	r.record.Topic, r.record.Headers = l.use.topic, r.header[:]
	r.answered = func(_ *kgo.Record, err error) {
		done(r.index, l.explain(err))
		r.busy.Store(false)
	}
}

// fill makes it the i-th record.
func (r *loaded) fill(i int, of func(i int) (partition int32, seed, value []byte)) {
	partition, seed, value := of(i)
	r.index, r.record.Partition, r.record.Key, r.record.Value = i, partition, seed, value
	r.header[0] = kgo.RecordHeader{Key: payload.SeedHeader, Value: seed}
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
