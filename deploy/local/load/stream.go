package load

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	step  = 20 * time.Millisecond // how often the stream sends what is due
	burst = time.Second           // see Pacer.Burst
	// mostBuffered bounds the records held while no broker answers: some ten
	// megabytes. Beyond it records are dropped, and counted.
	mostBuffered = 20_000
	// deliverWithin is how long a record is kept for an unreachable broker.
	deliverWithin = 30 * time.Second
	// flushWithin bounds how long the end of a stream waits for acknowledgements.
	flushWithin = 2 * time.Second
)

// Counts counts the records of a stream since its start.
//
//	Made = Acknowledged + Dropped + in flight; none is in flight after Run
type Counts struct {
	Made         int64 // records handed to the client
	Acknowledged int64 // records that the broker has taken
	Dropped      int64 // records that it has not taken, or that did not fit into the buffer
	Skipped      int64 // records not made because the stream had fallen behind
}

// Stream sends orders to a topic at a rate that may be changed while it runs.
type Stream struct {
	brokers []string
	topic   string
	seed    uint64

	mu      sync.Mutex
	rate    float64
	changed chan struct{} // holds one token when rate has changed

	made, acknowledged, dropped, skipped atomic.Int64
}

// NewStream returns a stream that sends nothing until SetRate.
func NewStream(brokers []string, topic string, seed uint64) *Stream {
	return &Stream{brokers: brokers, topic: topic, seed: seed, changed: make(chan struct{}, 1)}
}

// SetRate changes the rate to records per second, 0 for a pause, and returns the earlier
// rate. It may be called at any time, also while the stream does not run.
func (s *Stream) SetRate(rate float64) (before float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, s.rate = s.rate, rate
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return before
}

// Rate is what SetRate has set.
func (s *Stream) Rate() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rate
}

// Counts returns what has happened so far.
func (s *Stream) Counts() Counts {
	return Counts{
		Made:         s.made.Load(),
		Acknowledged: s.acknowledged.Load(),
		Dropped:      s.dropped.Load(),
		Skipped:      s.skipped.Load(),
	}
}

// Run sends until ctx is done. An unreachable broker does not end it. ready is called
// once the stream has begun.
func (s *Stream) Run(ctx context.Context, ready func()) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(s.brokers...),
		kgo.ClientID("orders-load"),
		kgo.DefaultProduceTopic(s.topic),
		kgo.MaxBufferedRecords(mostBuffered),
		kgo.RecordDeliveryTimeout(deliverWithin),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	ready()
	s.pace(ctx, client)
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushWithin)
	defer cancel()
	if client.Flush(flush) != nil {
		client.UnsafeAbortBufferedRecords() // unsafe for a client that continues; this one ends here
	}
	return nil
}

// pace sends what is due, step by step.
func (s *Stream) pace(ctx context.Context, client *kgo.Client) {
	var (
		start     = time.Now()
		generator = NewGenerator(s.seed, strconv.FormatInt(start.UnixMilli(), 36))
		pacer     = Pacer{Rate: s.Rate(), Burst: burst}
		sent      int64
	)
	tick := time.NewTicker(step)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.changed:
			pacer.Rate, start, sent = s.Rate(), time.Now(), 0
		case now := <-tick.C:
			send, skip := pacer.Due(now.Sub(start), sent)
			for range send {
				s.produce(client, generator)
			}
			s.skipped.Add(skip)
			sent += send + skip
		}
	}
}

// produce passes one record to the client, which sends it in the background.
func (s *Stream) produce(client *kgo.Client, generator *Generator) {
	s.made.Add(1)
	key, value, err := generator.Record(time.Now())
	if err != nil {
		s.dropped.Add(1)
		return
	}
	// Not the stream's context: after its end the records in flight have flushWithin.
	client.TryProduce(context.Background(), &kgo.Record{Key: key, Value: value}, func(_ *kgo.Record, err error) {
		if err != nil {
			s.dropped.Add(1)
			return
		}
		s.acknowledged.Add(1)
	})
}
