package scaletest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/limit"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
)

const (
	// tick is how often the end of an iteration is looked for. It is no part of any number:
	// sightings have their own times.
	tick = 20 * time.Millisecond
	// stragglers is the time for duplicates of the last records.
	stragglers = time.Second
	// flushWithin bounds the wait for the answers of the brokers.
	flushWithin = time.Minute
	// abortWithin bounds the wait for what is under way after a person ended the test.
	abortWithin = 30 * time.Second
)

// round is one iteration: what is asked of it, and what came of it.
type round struct {
	number int
	n      int
	rate   float64 // 0 is as fast as possible
	shape  string

	ledger   *ledger
	payloads *load.Payloads
	backlog  []limit.Sample
	// aborted is set if a person ended the test while the round was under way.
	aborted bool
	notes   []string
	cpu     *float64
	checks  *int
	// gc and exchanged are differences over the round; pressure is what was read last.
	gc, exchanged, pressure *float64
	// restarted is set if the job did not run through the round, redeployed if it is not the
	// deployment that is tested.
	restarted, redeployed bool
	// trial is set for a trial of the search.
	trial bool
	// profiled is set if profiles are taken meanwhile, apart if that is what the round is
	// for.
	profiled, apart bool
	session         *session // nil unless profiles were taken
	// all is what the shards measured together; nil in a test of one process.
	all *scalerun.Iteration
}

// run sends the records of a round and waits until every sink shows them, or shows no
// further one for the cutoff. The error means that its numbers are not known.
func (t *Test) run(ctx context.Context, r *round, test string) error {
	partitions, err := t.source.Partitions(ctx)
	if err != nil {
		return err
	}
	id := ulid.MustNew(ulid.Now(), ulid.DefaultEntropy())
	if r.payloads, err = load.Render(t.template, id, t.part, r.n, partitions, t.plan.PayloadSeed); err != nil {
		return err
	}
	work := context.WithoutCancel(ctx)
	account := newLedger(id, t.part, r.n, len(partitions), len(t.sinks))
	s := &sender{source: t.source, ledger: account, payloads: r.payloads, partitions: partitions, throttle: t.throttle}
	if r.rate > 0 {
		s.schedule = &load.Schedule{Shape: r.shape, Rate: r.rate, N: r.n}
	}
	s.prepare(work)
	before := t.readBefore(ctx)
	if account.start, err = t.begin(ctx); err != nil {
		return err
	}
	r.ledger = account
	t.current.Store(r.ledger)
	defer t.current.Store(nil)
	sending, profiles := t.takeProfiles(ctx, r, test)
	defer func() { r.session = profiles() }()
	calm := t.watchPressure(work, r)
	defer calm()
	stop := t.observe(r)
	s.send(sending)
	if r.apart && ctx.Err() == nil {
		r.ledger.enough()
	}
	r.backlog = stop()
	if err := t.flush(work, r); err != nil {
		return err
	}
	if err := t.awaitVisible(ctx, r); err != nil {
		return err
	}
	calm()
	r.aborted = ctx.Err() != nil
	t.cost(work, before, r)
	return nil
}

// observe samples the backlog and shows the progress until its result is called.
func (t *Test) observe(r *round) (stop func() []limit.Sample) {
	done, stopped := make(chan struct{}), make(chan struct{})
	var samples []limit.Sample
	var once sync.Once
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(sampleEvery)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case now := <-ticker.C:
				samples = append(samples, limit.Sample{
					At: now.Sub(r.ledger.start).Seconds(), Records: float64(r.ledger.backlog()),
				})
				t.show(r)
			}
		}
	}()
	return func() []limit.Sample {
		once.Do(func() { close(done) })
		<-stopped
		return samples
	}
}

// sampleEvery is how often the backlog is sampled.
const sampleEvery = 200 * time.Millisecond

// flush waits for the answers of the brokers.
func (t *Test) flush(ctx context.Context, r *round) error {
	ctx, cancel := context.WithTimeout(ctx, flushWithin)
	defer cancel()
	if err := t.source.Flush(ctx); err != nil {
		return fmt.Errorf("the brokers did not answer for all records within %s: %w (start them, and repeat the test)",
			flushWithin, err)
	}
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	if r.ledger.taken() > 0 && r.ledger.failed == r.ledger.taken() {
		return fmt.Errorf("none of %d records was sent: %w", r.ledger.taken(), r.ledger.firstFailure)
	}
	return nil
}

// awaitVisible waits until every sink shows every record. Without progress for the cutoff
// the rest is lost.
func (t *Test) awaitVisible(ctx context.Context, r *round) error {
	work := context.WithoutCancel(ctx)
	idle := r.ledger.since(time.Now())
	var abortAt time.Time
	for turn := 0; ; turn++ {
		if t.allShown(r.ledger) {
			if err := t.settle(work, r.ledger); err != nil {
				return err
			}
			if t.allShown(r.ledger) {
				break
			}
		}
		now := r.ledger.since(time.Now())
		if ctx.Err() != nil && abortAt.IsZero() {
			abortAt = time.Now().Add(abortWithin)
		}
		quiet := time.Duration(now - max(idle, r.ledger.lastMove()))
		if quiet > time.Duration(t.cfg.Cutoff) || !abortAt.IsZero() && time.Now().After(abortAt) {
			break
		}
		if turn%10 == 0 {
			t.show(r)
		}
		_ = wait.For(work, tick)
	}
	_ = wait.For(work, stragglers)
	if err := t.settle(work, r.ledger); err != nil {
		return err
	}
	return t.unwatched()
}

// allShown reports whether every sink shows as many records as Kafka has.
func (t *Test) allShown(l *ledger) bool {
	expected := l.expected()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.arrivals {
		if a.distinct < expected {
			return false
		}
	}
	return true
}

func (t *Test) settle(ctx context.Context, l *ledger) error {
	for i, s := range t.sinks {
		if err := s.settle(ctx, i, l); err != nil {
			return err
		}
	}
	return nil
}

// unwatched returns why a sink can't be watched now. What arrived there is unknown then,
// which is not the same as lost. A sink that is read anew when it settles is known all the same.
func (t *Test) unwatched() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var errs []error
	for i, err := range t.failures {
		if err != nil && !t.sinks[i].readsAnew() {
			errs = append(errs, lookFailed(t.sinks[i].name(), err))
		}
	}
	return errors.Join(errs...)
}

// nothing explains that no sink shows any record of a round; nil if one does.
func (t *Test) nothing(l *ledger) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.arrivals {
		if a.distinct > 0 {
			return nil
		}
	}
	for i, a := range l.arrivals {
		if a.foreign > 0 {
			return fmt.Errorf("no sink shows any record of the test, but %s received %d records without its seeds: the job "+
				"drops the seed (let it pass the field or the header %s on)", t.sinks[i].name(), a.foreign,
				payload.SeedHeader)
		}
	}
	return fmt.Errorf("no sink shows any record of the test within %s (does the job run, read the topic and accept "+
		"the template?)", time.Duration(t.cfg.Cutoff))
}
