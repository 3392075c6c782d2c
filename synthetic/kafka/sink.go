package kafka

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/time/rate"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

const (
	// fetchWait bounds the time for which a broker may hold a fetch without records. A
	// broker answers at once when a record arrives; the bound matters for partitions
	// that the fetch did not ask for.
	fetchWait = 500 * time.Millisecond
	// maxFetch bounds one answer of a broker, in bytes.
	maxFetch = int32(units.MiB)
)

// sink watches a topic that the job writes. It reads from the end offsets before a
// record was sent, and only while a record is under way.
//
// All Kafka sinks share a budget of bytes per second. The unused budget of idle time is
// available later, up to the budget of one interval, so that a busy topic can be read
// for the seconds of a record. If the budget delays reading, the latencies of the
// records found until the sink has caught up are upper bounds.
type sink struct {
	use    topicUse
	client *kgo.Client
	admin  *kadm.Client
	watch  *synthetic.Watch
	budget *rate.Limiter

	readBytes, throttledSeconds prometheus.Counter
	// fetched counts the received bytes that the budget has not covered yet.
	fetched atomic.Int64
	// heldBack is set from the time at which the budget delays reading until the end
	// offsets are read again.
	heldBack atomic.Bool
	// beginning allows one begin at a time. Its holder may wait, unlike holders of mu.
	beginning chan struct{}

	mu sync.Mutex // protects the following fields
	// assigned are the client's partitions, being read or paused.
	assigned map[int32]bool
	// positions are the next offsets of the partitions that are being read.
	positions map[int32]int64
	// caughtUp are the offsets below which records may have been there before this
	// process looked.
	caughtUp map[int32]int64
	// looking is when the process began to look, at the time of the last end offsets.
	looking clock.Moment
}

func (c *Cluster) openSink(cfg SinkConfig, w *synthetic.Watch) (*sink, error) {
	opts, err := c.cfg.clientOptions(c.dial)
	if err != nil {
		return nil, err
	}
	s := &sink{
		use: c.cfg.reading(w.Sink(), cfg.Topic), watch: w, budget: c.budget,
		readBytes:        c.metrics.readBytes.WithLabelValues(w.Sink()),
		throttledSeconds: c.metrics.throttled.WithLabelValues(w.Sink()),
		looking:          w.LookingSince(),
		assigned:         map[int32]bool{}, positions: map[int32]int64{}, caughtUp: map[int32]int64{},
		beginning: make(chan struct{}, 1),
	}
	isolation := kgo.ReadCommitted()
	if cfg.Isolation == readUncommitted {
		isolation = kgo.ReadUncommitted()
	}
	fetch := int32(min(int64(maxFetch), int64(c.probe.ReadBudget)))
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
		return nil, c.cfg.explain(err)
	}
	s.admin = kadm.NewClient(s.client)
	return s, nil
}

var _ kgo.HookFetchBatchRead = (*sink)(nil)

// OnFetchBatchRead counts the cost of reading the topic.
func (s *sink) OnFetchBatchRead(_ kgo.BrokerMetadata, _ string, _ int32, m kgo.FetchBatchMetrics) {
	s.fetched.Add(int64(m.CompressedBytes))
	s.readBytes.Add(float64(m.CompressedBytes))
}

// Prepare returns the end offset of each partition. A record that is sent later can't
// be before them.
func (s *sink) Prepare(ctx context.Context) (synthetic.Start, error) {
	ends, err := s.ends(ctx)
	if err != nil {
		return synthetic.Start{}, err
	}
	return synthetic.Start{From: ends, Begin: func(ctx context.Context) { s.begin(ctx, ends) }}, nil
}

// ends returns the end offset of each partition.
func (s *sink) ends(ctx context.Context) (map[int32]int64, error) {
	ends, err := s.listEnds(ctx)
	s.watch.Report(err)
	return ends, err
}

func (s *sink) listEnds(ctx context.Context) (map[int32]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	// Reading the end offsets does not need the right to read records; only the list of
	// partitions shows whether that right is granted.
	check := s.watch.NeedsCheck()
	if check {
		if _, err := s.use.partitions(ctx, s.client); err != nil {
			return nil, err
		}
	}
	ends, err := endsOf(ctx, s.admin, s.use)
	if err == nil && check {
		s.watch.Checked()
	}
	return ends, err
}
