package synthetic

import (
	"context"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// maxUnrecorded is the maximum number of changed records that wait for the history.
// Beyond it no more records are intended, so memory is bounded while a disk is full.
const maxUnrecorded = 10_000

// planned is a record with its due time.
type planned struct {
	seed, key string
	round     string
	partition int32
	subtask   *int // of the first keyed vertex; nil if it is not known
	due       clock.Moment
}

// roundRequest is a request for a round on demand.
type roundRequest struct {
	n      int
	caller <-chan struct{}    // closed when the caller cancels
	answer chan<- roundAnswer // of capacity 1
}

// roundAnswer is the id of the round that was sent.
type roundAnswer struct {
	round    string
	underWay *roundUnderWay
	err      error
}

// sendRounds sends the scheduled and the requested rounds, one after the other, until
// ctx ends. A requested round replaces the scheduled rounds that are due during it.
func (p *Prober) sendRounds(ctx context.Context) {
	last, due, n := p.clock().Mono, p.clock().Mono, 0
	for {
		timer := time.NewTimer(p.untilDue(due))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case req := <-p.roundsIn:
			timer.Stop()
			req.answer <- p.sendRequested(ctx, req)
		case <-timer.C:
			if p.limitShare(); n > 0 && p.cfg.MaxSharePercent > 0 {
				// The traffic may have changed since the last round.
				due = max(last+p.period(n), p.clock().Mono)
			}
			if p.clock().Mono < due {
				continue
			}
			last, n = due, p.sendScheduled(ctx)
			next, missed := p.pacer.next(last, p.clock().Mono, p.period(n))
			if missed > 0 && !p.onDemand {
				p.metrics.skipped.Add(float64(missed))
				p.log.Warn("Rounds were skipped", "rounds", missed)
			}
			due = next
		}
	}
}

// untilDue is the time to wait for a round. A probe with a limited share looks at the traffic
// before that.
func (p *Prober) untilDue(due time.Duration) time.Duration {
	wait := max(0, due-p.clock().Mono)
	if p.cfg.MaxSharePercent > 0 {
		wait = min(wait, trafficEvery)
	}
	return wait
}

// sendScheduled sends one scheduled round and returns its size.
func (p *Prober) sendScheduled(ctx context.Context) int {
	if p.onDemand || p.paused.Load() {
		return 1
	}
	to, err := p.ready(ctx)
	if err != nil {
		if ctx.Err() == nil {
			p.metrics.skipped.Inc()
		}
		return 1
	}
	n := to.size()
	p.metrics.roundInterval.Set(p.period(n).Seconds())
	p.sendRound(ctx, newRound(p.clock().Wall), n, to)
	return n
}

// sendRequested sends a round on demand. If it succeeds, the caller must release the
// round after it took the result.
func (p *Prober) sendRequested(ctx context.Context, req roundRequest) roundAnswer {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sent := make(chan struct{})
	defer close(sent)
	go func() {
		select {
		case <-req.caller:
			cancel()
		case <-sent:
		}
	}()
	to, err := p.ready(ctx)
	if err != nil {
		return roundAnswer{err: err}
	}
	n := req.n
	if n == 0 {
		n = to.size()
	}
	round := newRound(p.clock().Wall)
	p.recorder.Update(func(t *account.Tracker) { t.Keep(round.String()) })
	underWay := &roundUnderWay{id: round.String(), n: n}
	p.current.Store(underWay)
	p.sendRound(ctx, round, n, to)
	return roundAnswer{round: round.String(), underWay: underWay}
}

func newRound(now time.Time) ulid.ULID {
	return ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy())
}

// ready returns where the records of a round go, or why no round can begin.
func (p *Prober) ready(ctx context.Context) (destinations, error) {
	if waiting := p.recorder.Unrecorded(); waiting > maxUnrecorded {
		err := fmt.Errorf("%d records wait for the history, which can't be written (make room for it)", waiting)
		p.waitFor(err)
		return destinations{}, err
	}
	to, err := p.destinations(ctx)
	if ctx.Err() == nil {
		p.waitFor(err)
	}
	return to, err
}

// waitFor records why no round begins; nil means that rounds begin.
func (p *Prober) waitFor(err error) {
	if err == nil {
		p.waiting.Store(nil)
		return
	}
	text := err.Error()
	p.waiting.Store(&text)
}

// sendRound sends n records at the pace of the pacer. It returns the number of records
// that became due before a pause or the end of ctx.
func (p *Prober) sendRound(ctx context.Context, round ulid.ULID, n int, to destinations) int {
	start := p.clock()
	if earliest := p.lastSent.Add(p.pacer.gap()); start.Before(earliest) {
		start = earliest
	}
	sent := 0
	for sent < n {
		pause := start.Add(p.pacer.due(sent)).Since(p.clock())
		if wait.For(ctx, pause) != nil || p.paused.Load() {
			break
		}
		if late := p.clock().Since(start.Add(p.pacer.due(sent))); late > account.StoodStill {
			start = start.Add(late) // the process was stopped: shift the rest to avoid a burst
		}
		due := max(sent+1, p.pacer.dueBy(p.clock().Since(start), n))
		batch := make([]planned, 0, due-sent)
		for i := sent; i < due; i++ {
			batch = append(batch, p.plan(round, i, to, start.Add(p.pacer.due(i))))
		}
		if !p.send(ctx, batch) {
			break
		}
		sent = due
		p.lastSent = batch[len(batch)-1].due
	}
	return sent
}

func (p *Prober) plan(round ulid.ULID, i int, to destinations, due clock.Moment) planned {
	r := planned{seed: payload.NewSeed(round, i), round: round.String(), due: due}
	r.partition, r.key, r.subtask = to.at(i)
	switch p.cfg.KeyMode {
	case KeySeeded:
		r.key = r.seed
	case KeyFixed:
		r.key = fmt.Sprintf("%s-%d", p.cfg.KeyPrefix, r.partition)
	}
	return r
}
