package scaletest

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// Source is the topic that the job reads.
type Source interface {
	// Partitions returns the partitions of the topic, sorted.
	Partitions(ctx context.Context) ([]int32, error)
	// Send hands a record to the producer, and calls done once when it has its answer.
	Send(ctx context.Context, partition int32, seed string, value []byte, done func(error))
	// Flush waits until every record has its answer.
	Flush(ctx context.Context) error
}

const (
	// maxUnanswered bounds the records that wait for their answer. It is below the buffer
	// of the producer, so that sending never waits where it can't be stopped.
	maxUnanswered = 50_000
	// minGrace and graceShare bound how late the last record may be sent: later ones are
	// not sent at all, because a schedule that is not kept is another test.
	minGrace   = time.Second
	graceShare = 0.05
)

// sender sends the records of one iteration.
type sender struct {
	source     Source
	ledger     *ledger
	payloads   *payloads
	partitions []int32
	// schedule is nil for as fast as possible.
	schedule *schedule
	slots    chan struct{}
	// throttle limits the records per second for tests of a slow generator; 0 is no limit.
	throttle float64
}

// send sends until all records are handed over, ctx ends, or the schedule can no longer be
// kept. Latencies count from the time at which a record was due, so that waiting here is
// part of them.
func (s *sender) send(ctx context.Context) {
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	s.slots = make(chan struct{}, maxUnanswered)
	for i := range s.ledger.n {
		due, ok := s.await(ctx, i)
		if !ok {
			return
		}
		select {
		case s.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		s.hand(ctx, i, due)
	}
}

// withDeadline ends the sending some time after the last record was due.
func (s *sender) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.schedule == nil {
		return context.WithCancel(ctx)
	}
	length := s.schedule.length()
	grace := max(minGrace, time.Duration(graceShare*float64(length)))
	return context.WithDeadline(ctx, s.ledger.start.Add(length+grace))
}

// await waits until record i is due, and returns when that was. Without a schedule a
// record is due as soon as the record before it is handed over.
func (s *sender) await(ctx context.Context, i int) (due int64, ok bool) {
	if s.throttle > 0 {
		at := s.ledger.start.Add(inSeconds(float64(i) / s.throttle))
		if !synthetic.Sleep(ctx, time.Until(at)) {
			return 0, false
		}
	}
	if s.schedule == nil {
		return s.ledger.since(time.Now()), ctx.Err() == nil
	}
	due = int64(s.schedule.due(i))
	if wait := time.Until(s.ledger.start.Add(time.Duration(due))); wait > 0 {
		return due, synthetic.Sleep(ctx, wait)
	}
	return due, ctx.Err() == nil
}

// hand gives record i to the producer. The producer keeps it even if ctx ends, because
// without its answer the record's place would be a guess.
func (s *sender) hand(ctx context.Context, i int, due int64) {
	now := time.Now()
	s.payloads.stamp(i, now)
	s.ledger.hand(i, due, s.ledger.since(now))
	s.source.Send(context.WithoutCancel(ctx), s.partitions[i%len(s.partitions)], s.payloads.seeds[i],
		s.payloads.values[i], func(err error) {
			s.ledger.answer(i, err, s.ledger.since(time.Now()))
			<-s.slots
		})
}
