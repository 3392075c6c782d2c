package synthetic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alecthomas/units"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/time/rate"
)

const (
	// pollFor bounds one wait for records, after which the sink asks itself
	// whether it is still needed.
	pollFor = time.Second
	// maxFetch bounds one answer of a broker.
	maxFetch = int32(units.MiB)
	// afterReadError is the wait after a broker refused a read.
	afterReadError = time.Second
)

// kafkaSink watches a topic that the job writes. It reads from the end offsets
// as they were before a record was sent, and only as long as a record is under
// way; then it lets go of the partitions and reads nothing.
//
// Reading is held to a budget of bytes per second, which all Kafka sinks share.
// What was saved while nothing was read may be spent at once, up to one
// interval's worth, so that a busy topic can be followed for the seconds that a
// record takes. Where the budget does hold reading back, the records found until
// it has caught up are known to be no later than seen, and not when they came.
type kafkaSink struct {
	name    string
	use     topicUse
	client  *kgo.Client
	admin   *kadm.Client
	book    *book
	clock   clock
	health  *health
	metrics *metrics
	budget  *rate.Limiter
	// fetched counts bytes as they come off the wire, until they are paid for.
	fetched atomic.Int64
	// lagging asks for the end offsets before sights are taken as exact again.
	lagging atomic.Bool

	mu sync.Mutex // protects what follows
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
		book: p.book, clock: p.clock, health: p.health, metrics: p.metrics, budget: budget,
		positions: map[int32]int64{}, caughtUp: map[int32]int64{},
	}
	isolation := kgo.ReadCommitted()
	if sink.Kafka.Isolation == readUncommitted {
		isolation = kgo.ReadUncommitted()
	}
	fetch := int32(min(int64(maxFetch), int64(p.cfg.ReadBudget)))
	s.client, err = kgo.NewClient(append(opts,
		kgo.FetchIsolationLevel(isolation),
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

// begin reads whatever is not read yet and may show an awaited record, given the
// end offsets of this moment. What lies before those may have been there for a
// while; in the usual case nothing does.
func (s *kafkaSink) begin(ends map[int32]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var from map[int32]int64
	s.book.view(func(t *tracker) { from = t.from(s.name) })
	if from == nil {
		return
	}
	add := map[int32]kgo.Offset{}
	for partition, end := range ends {
		if _, reading := s.positions[partition]; reading {
			continue
		}
		// A partition that no record knows did not exist when they were sent:
		// from[partition] is 0. One that was cut short is read from its end.
		start := min(from[partition], end)
		add[partition] = kgo.NewOffset().At(start)
		s.positions[partition], s.caughtUp[partition] = start, end
	}
	if len(add) > 0 {
		s.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{s.use.topic: add})
	}
}

// rest stops reading if no record is under way.
func (s *kafkaSink) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.positions) == 0 {
		return
	}
	wanted := false
	s.book.view(func(t *tracker) { wanted = t.wants(s.name) })
	if wanted {
		return
	}
	s.client.RemoveConsumePartitions(map[string][]int32{s.use.topic: slices.Collect(maps.Keys(s.positions))})
	clear(s.positions)
	clear(s.caughtUp)
}

// startOver forgets a topic that is gone: one of the same name may come, but
// with an identity and offsets of its own.
func (s *kafkaSink) startOver() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client.PurgeTopicsFromConsuming(s.use.topic)
	clear(s.positions)
	clear(s.caughtUp)
}

// run reads until ctx ends.
func (s *kafkaSink) run(ctx context.Context) {
	s.resume(ctx)
	for ctx.Err() == nil {
		s.lookUpEnds(ctx)
		fetches := s.poll(ctx)
		at := s.clock()
		s.take(fetches, at)
		if s.verdict(ctx, fetches); errors.Is(s.unwatchable(), errMissing) {
			s.startOver()
			s.resume(ctx)
		}
		s.pay(ctx)
		s.rest()
	}
}

// close releases the client; run has returned.
func (s *kafkaSink) close() { s.client.CloseAllowingRebalance() }

// resume begins to read for the records that an earlier process left behind.
func (s *kafkaSink) resume(ctx context.Context) {
	for {
		wanted := false
		s.book.view(func(t *tracker) { wanted = t.wants(s.name) })
		if !wanted {
			return
		}
		if ends, err := s.ends(ctx); err == nil {
			s.begin(ends)
			return
		}
		if !sleep(ctx, afterReadError) {
			return
		}
	}
}

func (s *kafkaSink) poll(ctx context.Context) kgo.Fetches {
	ctx, cancel := context.WithTimeout(ctx, pollFor)
	defer cancel()
	return s.client.PollFetches(ctx)
}

// take looks for seeds in what was read.
func (s *kafkaSink) take(fetches kgo.Fetches, at moment) {
	var sights []sighting
	s.mu.Lock()
	for _, r := range fetches.Records() {
		sights = append(sights, s.sightings(r, at)...)
		if _, reading := s.positions[r.Partition]; reading {
			s.positions[r.Partition] = r.Offset + 1
		}
	}
	s.mu.Unlock()
	if len(sights) == 0 {
		return
	}
	s.book.update(func(t *tracker) {
		for _, sight := range sights {
			t.saw(sight)
		}
	})
}

// sightings returns what one record shows.
func (s *kafkaSink) sightings(r *kgo.Record, at moment) []sighting {
	if r.Attrs.IsControl() {
		return nil
	}
	var sights []sighting
	for _, seed := range seedsOf(r) {
		sights = append(sights, sighting{
			seed: seed, sink: s.name, hop: s.name, at: at,
			place: fmt.Sprintf("%d/%d", r.Partition, r.Offset),
			bound: s.lagging.Load() || r.Offset < s.caughtUp[r.Partition],
		})
	}
	return sights
}

// verdict notes how the read went. After a refusal it waits a little, so that a
// broker that refuses at once is not asked without pause.
func (s *kafkaSink) verdict(ctx context.Context, fetches kgo.Fetches) {
	for _, fetchErr := range fetches.Errors() {
		if fetchErr.Topic != s.use.topic || ctx.Err() != nil {
			continue // our own poll has ended
		}
		s.found(s.use.explain(fetchErr.Err))
		sleep(ctx, afterReadError)
		return
	}
	if !fetches.Empty() {
		s.found(nil)
	}
}

// pay waits until the budget allows for what was read.
func (s *kafkaSink) pay(ctx context.Context) {
	bytes := int(s.fetched.Swap(0))
	var wait time.Duration
	for bytes > 0 {
		part := min(bytes, s.budget.Burst())
		wait = s.budget.ReserveN(time.Now(), part).Delay()
		bytes -= part
	}
	if wait == 0 {
		return
	}
	s.lagging.Store(true)
	s.metrics.throttled.WithLabelValues(s.name).Add(wait.Seconds())
	sleep(ctx, wait)
}

// stalled makes the sink find out what came while nobody was looking.
func (s *kafkaSink) stalled() { s.lagging.Store(true) }

// lookUpEnds reads the end offsets after reading was held up: records before
// them may have been there for a while, later ones are seen as they come.
func (s *kafkaSink) lookUpEnds(ctx context.Context) {
	if !s.lagging.Load() {
		return
	}
	ends, err := s.ends(ctx)
	if err != nil {
		return // every sight stays a bound
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for partition := range s.positions {
		s.caughtUp[partition] = ends[partition]
	}
	s.lagging.Store(false)
}
