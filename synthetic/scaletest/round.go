package scaletest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
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
	payloads *payloads
	backlog  []backlogSample
	// aborted is set if a person ended the test while the round was under way.
	aborted bool
	notes   []string
	cpu     *float64
	checks  *int
	// gc and exchanged are differences over the round; pressure is what was read last.
	gc, exchanged, pressure *float64
	// restarted and redeployed are set if the job did not run through the round.
	restarted, redeployed bool
	// profiled is set if profiles are taken meanwhile, apart if that is what the round is
	// for.
	profiled, apart bool
	session         *session // nil unless profiles were taken
	// all is what the shards measured together; nil in a test of one process.
	all *episode.ScaleIteration
}

// backlogSample is the backlog at a time in seconds since the start, while records were
// sent.
type backlogSample struct{ at, records float64 }

// run sends the records of a round and waits until every sink shows them, or shows no
// further one for the cutoff. The error means that its numbers are not known.
func (t *Test) run(ctx context.Context, r *round, test string) error {
	partitions, err := t.source.Partitions(ctx)
	if err != nil {
		return err
	}
	id := ulid.MustNew(ulid.Now(), ulid.DefaultEntropy())
	if r.payloads, err = render(t.template, id, t.part, r.n, partitions, t.plan.PayloadSeed); err != nil {
		return err
	}
	work := context.WithoutCancel(ctx)
	account := newLedger(id, t.part, r.n, len(partitions), len(t.sinks))
	s := &sender{source: t.source, ledger: account, payloads: r.payloads, partitions: partitions, throttle: t.throttle}
	if r.rate > 0 {
		s.schedule = &schedule{shape: r.shape, rate: r.rate, n: r.n}
	}
	s.prepare(work)
	before := t.readMachine(ctx, time.Time{})
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
func (t *Test) observe(r *round) (stop func() []backlogSample) {
	done, stopped := make(chan struct{}), make(chan struct{})
	var samples []backlogSample
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
				samples = append(samples, backlogSample{now.Sub(r.ledger.start).Seconds(), float64(r.ledger.backlog())})
				t.show(r)
			}
		}
	}()
	return func() []backlogSample {
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
		synthetic.Sleep(work, tick)
	}
	if err := t.unwatched(); err != nil {
		return err
	}
	synthetic.Sleep(work, stragglers)
	return t.settle(work, r.ledger)
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
// which is not the same as lost.
func (t *Test) unwatched() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var errs []error
	for i, err := range t.failures {
		if err != nil {
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
				synthetic.SeedHeader)
		}
	}
	return fmt.Errorf("no sink shows any record of the test within %s (does the job run, read the topic and accept "+
		"the template?)", time.Duration(t.cfg.Cutoff))
}

// readMachine reads the machines; nil if that is not known.
func (t *Test) readMachine(ctx context.Context, notBefore time.Time) *Reading {
	if t.machine == nil {
		return nil
	}
	reading, ok := t.machine(ctx, notBefore)
	if !ok {
		return nil
	}
	return &reading
}

const (
	// minCPUSpan is the shortest round whose CPU time is read: the second reading waits for
	// Flink, which renews its metrics every ten seconds.
	minCPUSpan = 20 * time.Second
	// metricsAge is how old a metric of Flink can be.
	metricsAge = 10 * time.Second
)

// cost fills what the round cost the machines: the difference of a reading before it and one
// that was made when Flink's metrics had passed its end. The time when nothing was sent is
// part of it, but takes hardly any CPU.
func (t *Test) cost(ctx context.Context, before *Reading, r *round) {
	ended := r.ledger.start.Add(time.Duration(max(0, r.ledger.lastMove())))
	if before == nil {
		return
	}
	notBefore := time.Time{}
	if ended.Sub(r.ledger.start) >= minCPUSpan {
		notBefore = ended.Add(metricsAge)
	}
	after := t.readMachine(ctx, notBefore)
	if after == nil {
		return
	}
	if after.Deployment != before.Deployment {
		r.redeployed = true
		return
	}
	if before.Checkpoints != nil && after.Checkpoints != nil && *after.Checkpoints >= *before.Checkpoints {
		completed := *after.Checkpoints - *before.Checkpoints
		r.checks = &completed
	}
	r.restarted = before.Restarts != nil && after.Restarts != nil && *after.Restarts > *before.Restarts
	if notBefore.IsZero() {
		r.pressure = nil // Flink's mean is mostly of the time before
		return
	}
	r.gc = grown(before.GCSeconds, after.GCSeconds)
	r.exchanged = grown(before.ExchangedBytes, after.ExchangedBytes)
	expected := r.ledger.expected()
	if cpu := grown(before.CPUSeconds, after.CPUSeconds); cpu != nil && expected > 0 {
		perMillion := *cpu / float64(expected) * 1e6
		r.cpu = &perMillion
	}
}

// grown is the difference of two readings of a counter; nil if one is unknown, or if the
// counter began anew.
func grown(before, after *float64) *float64 {
	if before == nil || after == nil || *after < *before {
		return nil
	}
	difference := *after - *before
	return &difference
}

// pressureEvery is how often the backpressure is read.
const pressureEvery = 5 * time.Second

// watchPressure reads the backpressure while records are under way, until its result is
// called.
func (t *Test) watchPressure(ctx context.Context, r *round) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	if t.machine != nil {
		work.Go(func() {
			for synthetic.Sleep(ctx, pressureEvery) {
				if now := t.readMachine(ctx, time.Time{}); now != nil && ctx.Err() == nil {
					r.pressure = now.Backpressure
				}
			}
		})
	}
	return func() { cancel(); work.Wait() }
}
