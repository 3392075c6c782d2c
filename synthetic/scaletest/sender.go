package scaletest

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
)

// Source is the topic that the job reads.
type Source interface {
	// Partitions returns the partitions of the topic, sorted.
	Partitions(ctx context.Context) ([]int32, error)
	// Sender makes n records ready, and returns how one goroutine hands the i-th of them to the
	// producer, in order, with a time stamp. done is called once for each record, when it has
	// its answer, from one goroutine.
	Sender(
		ctx context.Context, n int, of func(i int) (partition int32, seed, value []byte), done func(i int, err error),
	) (send func(i int, at time.Time))
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
	payloads   *load.Payloads
	partitions []int32
	// schedule is nil for as fast as possible.
	schedule *load.Schedule
	// throttle limits the records per second for tests of a slow generator; 0 is no limit.
	throttle float64
	now      time.Time // of the present record
	give     func(i int, at time.Time)
}

// prepare makes the records ready, before the clock starts. The producer keeps a record even if
// the sending ends, because without its answer the record's place would be a guess: ctx must
// last until then.
func (s *sender) prepare(ctx context.Context) {
	s.give = s.source.Sender(ctx, s.ledger.n, func(i int) (partition int32, seed, value []byte) {
		partition = s.partitions[s.ledger.part.Global(i)%len(s.partitions)]
		return partition, s.payloads.Seeds[i], s.payloads.Values[i]
	}, s.ledger.answer)
}

// send sends until all records are handed over, ctx ends, or the schedule can no longer be
// kept. Latencies count from the time at which a record was due, so that waiting here is
// part of them.
func (s *sender) send(ctx context.Context) {
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	sent := 0
	defer func() { s.ledger.publish(sent) }()
	for ; sent < s.ledger.n; sent++ {
		due, ok := s.await(ctx, sent)
		if !ok {
			return
		}
		if s.schedule != nil || s.throttle > 0 || sent%sentAtOnce == 0 {
			s.ledger.publish(sent)
			if s.ledger.unanswered() >= maxUnanswered && !s.awaitAnswers(ctx) {
				return
			}
			s.now = time.Now()
		}
		s.hand(sent, due)
	}
}

// sentAtOnce is how many records share one reading of the clock at full speed, where that is
// a few microseconds.
const sentAtOnce = 16

// awaitAnswers waits until the producer has room, and reports whether ctx is still alive.
func (s *sender) awaitAnswers(ctx context.Context) bool {
	began := time.Now()
	defer func() { s.ledger.heldUp += time.Since(began) }()
	for s.ledger.unanswered() >= maxUnanswered {
		if wait.For(ctx, time.Millisecond) != nil {
			return false
		}
	}
	return true
}

// withDeadline ends the sending some time after the last record was due.
func (s *sender) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.schedule == nil {
		return context.WithCancel(ctx)
	}
	length := s.schedule.Length()
	grace := max(minGrace, time.Duration(graceShare*float64(length)))
	return context.WithDeadline(ctx, s.ledger.start.Add(length+grace))
}

// atOnce is when a record is due without a schedule: when it can be handed over.
const atOnce = never

// await waits until record i is due, and returns when that was.
func (s *sender) await(ctx context.Context, i int) (due int64, ok bool) {
	if s.throttle > 0 {
		at := s.ledger.start.Add(time.Duration(float64(i) / s.throttle * float64(time.Second)))
		if wait.For(ctx, time.Until(at)) != nil {
			return 0, false
		}
	}
	if s.schedule == nil {
		return atOnce, ctx.Err() == nil
	}
	due = int64(s.schedule.Due(s.ledger.part.Global(i)))
	if pause := time.Until(s.ledger.start.Add(time.Duration(due))); pause > 0 {
		return due, wait.For(ctx, pause) == nil
	}
	return due, ctx.Err() == nil
}

// hand gives record i to the producer.
func (s *sender) hand(i int, due int64) {
	s.payloads.Stamp(i, s.now)
	sent := s.ledger.since(s.now)
	if due == atOnce {
		due = sent
	}
	s.ledger.hand(i, due, sent)
	s.give(i, s.now)
}
