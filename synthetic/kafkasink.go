package synthetic

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alecthomas/units"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/time/rate"
)

const (
	// fetchWait bounds how long a broker may keep a fetch for which it has
	// nothing. It answers at once when a record comes; this is for partitions
	// that the fetch has not asked for.
	fetchWait = 500 * time.Millisecond
	// maxFetch bounds one answer of a broker.
	maxFetch = int32(units.MiB)
)

// kafkaSink watches a topic that the job writes. It reads from the end offsets
// as they were before a record was sent, and only as long as a record is under
// way; between records it reads nothing.
//
// Reading is held to a budget of bytes per second, which all Kafka sinks share.
// What was saved while nothing was read may be spent at once, up to one
// interval's worth, so that a busy topic can be followed for the seconds that a
// record takes. Where the budget does hold reading back, the records found until
// it has caught up are known to be no later than seen, and not when they came.
type kafkaSink struct {
	name     string
	use      topicUse
	client   *kgo.Client
	admin    *kadm.Client
	recorder *recorder
	clock    clock
	health   *health
	metrics  *metrics
	budget   *rate.Limiter
	// fetched counts bytes as they come off the wire, until they are paid for.
	fetched atomic.Int64
	// lagging asks for the end offsets before sights are taken as exact again.
	lagging atomic.Bool
	// beginning is held by one begin at a time; it may wait, unlike holders of mu.
	beginning chan struct{}

	mu sync.Mutex // protects what follows
	// assigned are the partitions that the client has, being read or paused.
	assigned map[int32]bool
	// positions are the next offsets of the partitions that are being read.
	positions map[int32]int64
	// caughtUp are the offsets below which records may have been there before
	// anybody looked.
	caughtUp map[int32]int64
	// broken is why the topic can't be watched at all; nil when it can.
	broken error
}

// newBudget returns what the Kafka sinks may read, all of them together.
func newBudget(probe *Config) *rate.Limiter {
	perSecond := float64(probe.ReadBudget)
	burst := perSecond * max(1, time.Duration(probe.Interval).Seconds())
	return rate.NewLimiter(rate.Limit(perSecond), int(min(burst, math.MaxInt32)))
}

func newKafkaSink(cfg *KafkaConfig, sink Sink, p *Prober, budget *rate.Limiter) (*kafkaSink, error) {
	opts, err := cfg.clientOptions(p.dial)
	if err != nil {
		return nil, err
	}
	s := &kafkaSink{
		name: sink.Name, use: cfg.reading(sink.Name, sink.Kafka.Topic),
		recorder: p.recorder, clock: p.clock, health: p.health, metrics: p.metrics, budget: budget,
		assigned: map[int32]bool{}, positions: map[int32]int64{}, caughtUp: map[int32]int64{}, beginning: make(chan struct{}, 1),
	}
	isolation := kgo.ReadCommitted()
	if sink.Kafka.Isolation == readUncommitted {
		isolation = kgo.ReadUncommitted()
	}
	fetch := int32(min(int64(maxFetch), int64(p.cfg.ReadBudget)))
	s.client, err = kgo.NewClient(append(opts,
		kgo.FetchIsolationLevel(isolation),
		kgo.FetchMaxWait(fetchWait),
		kgo.FetchMaxBytes(fetch),
		kgo.FetchMaxPartitionBytes(fetch),
		// Markers of transactions take offsets too: with them a position is exact.
		kgo.KeepControlRecords(),
		kgo.WithHooks(s),
	)...)
	if err != nil {
		return nil, cfg.explain(err)
	}
	s.admin = kadm.NewClient(s.client)
	return s, nil
}

var _ kgo.HookFetchBatchRead = (*kafkaSink)(nil)

// OnFetchBatchRead counts what reading the topic costs.
func (s *kafkaSink) OnFetchBatchRead(_ kgo.BrokerMetadata, _ string, _ int32, m kgo.FetchBatchMetrics) {
	s.fetched.Add(int64(m.CompressedBytes))
	s.metrics.readBytes.WithLabelValues(s.name).Add(float64(m.CompressedBytes))
}

// check asks whether the topic can be watched.
func (s *kafkaSink) check(ctx context.Context) error {
	_, err := s.use.partitions(ctx, s.client)
	s.found(err)
	return err
}

// found notes how the topic was last met.
func (s *kafkaSink) found(err error) {
	s.health.report(TargetKafka, "sink "+s.name, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = nil
	if isPermanent(err) {
		s.broken = err
	}
}

// unwatchable returns why records can't be watched for here, nil if they can.
func (s *kafkaSink) unwatchable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

// ends returns the end offset of each partition. A record that is sent after
// this can't be found before them.
func (s *kafkaSink) ends(ctx context.Context) (map[int32]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	// The end offsets may be read without the right to read records: only a
	// check can say that a sink is whole again.
	if s.unwatchable() != nil {
		if err := s.check(ctx); err != nil {
			return nil, err
		}
	}
	listed, err := s.admin.ListEndOffsets(ctx, s.use.topic)
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		err = s.use.explain(err)
		s.found(err)
		return nil, err
	}
	ends := map[int32]int64{}
	for partition, at := range listed[s.use.topic] {
		ends[partition] = at.Offset
	}
	s.found(nil)
	return ends, nil
}
