package synthetic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// planned is a record that is due, or will be.
type planned struct {
	seed, key string
	round     string
	partition int32
	due       Moment
}

// roundRequest is a round on demand.
type roundRequest struct {
	ctx    context.Context
	n      int
	answer chan<- roundAnswer // of capacity 1
}

// roundAnswer says which round it became and how many records were intended.
type roundAnswer struct {
	round   string
	records int
	err     error
}

// sendRounds sends the rounds of the schedule and those asked for, one after
// the other, until ctx ends. While one that was asked for is under way, those
// of the schedule are skipped: it takes their place.
func (p *Prober) sendRounds(ctx context.Context) {
	due := p.clock().mono
	for {
		timer := time.NewTimer(max(0, due-p.clock().mono))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case req := <-p.roundsIn:
			timer.Stop()
			req.answer <- p.sendRequested(ctx, req)
		case <-timer.C:
			n := p.sendScheduled(ctx)
			next, missed := p.pacer.next(due, p.clock().mono, n)
			if missed > 0 && !p.onDemand {
				p.metrics.skipped.Add(float64(missed))
				p.log.Warn("Rounds were skipped", "rounds", missed)
			}
			due = next
		}
	}
}

// sendScheduled sends one round of the schedule and returns its size.
func (p *Prober) sendScheduled(ctx context.Context) int {
	if p.onDemand || p.paused.Load() {
		return 1
	}
	partitions, err := p.ready(ctx)
	if err != nil {
		if ctx.Err() == nil {
			p.metrics.skipped.Inc()
		}
		return 1
	}
	n := len(partitions)
	p.metrics.roundInterval.Set(p.pacer.period(n).Seconds())
	p.sendRound(ctx, newRound(p.clock().wall), n, partitions)
	return n
}

// sendRequested sends a round on demand.
func (p *Prober) sendRequested(ctx context.Context, req roundRequest) roundAnswer {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(req.ctx, cancel)()
	partitions, err := p.ready(ctx)
	if err != nil {
		return roundAnswer{err: err}
	}
	n := req.n
	if n == 0 {
		n = len(partitions)
	}
	round := newRound(p.clock().wall)
	return roundAnswer{round: round.String(), records: p.sendRound(ctx, round, n, partitions)}
}

func newRound(now time.Time) ulid.ULID {
	return ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy())
}

// ready returns the source topic's partitions, or why no round can be begun.
func (p *Prober) ready(ctx context.Context) ([]int32, error) {
	if waiting := p.recorder.unrecorded(); waiting > maxUnrecorded {
		err := fmt.Errorf("%d records wait for the history, which can't be written (make room for it)", waiting)
		p.waitFor(err)
		return nil, err
	}
	partitions, err := p.listPartitions(ctx)
	if ctx.Err() == nil {
		p.waitFor(err)
	}
	return partitions, err
}

// waitFor notes why no round begins; nil: rounds begin.
func (p *Prober) waitFor(err error) {
	if err == nil {
		p.waiting.Store(nil)
		return
	}
	text := err.Error()
	p.waiting.Store(&text)
}

// sendRound sends n records, paced, and returns how many became due before the
// round was broken off by a pause or the end of ctx.
func (p *Prober) sendRound(ctx context.Context, round ulid.ULID, n int, partitions []int32) int {
	start := p.clock()
	if earliest := p.lastSent.Add(p.pacer.gap()); start.Before(earliest) {
		start = earliest
	}
	sent := 0
	for sent < n {
		wait := start.Add(p.pacer.due(sent)).Since(p.clock())
		if !Sleep(ctx, max(0, wait)) || p.paused.Load() {
			break
		}
		if late := p.clock().Since(start.Add(p.pacer.due(sent))); late > stoodStill {
			start = start.Add(late) // the process was stopped: no burst to make up for it
		}
		due := max(sent+1, p.pacer.dueBy(p.clock().Since(start), n))
		batch := make([]planned, 0, due-sent)
		for i := sent; i < due; i++ {
			batch = append(batch, p.plan(round, i, partitions[i%len(partitions)], start.Add(p.pacer.due(i))))
		}
		if !p.send(ctx, batch) {
			break
		}
		sent = due
		p.lastSent = batch[len(batch)-1].due
	}
	return sent
}

func (p *Prober) plan(round ulid.ULID, i int, partition int32, due Moment) planned {
	seed := newSeed(round, i)
	key := fmt.Sprintf("%s-%d", p.cfg.KeyPrefix, partition)
	if p.cfg.KeyMode == KeySeeded {
		key = seed
	}
	return planned{seed: seed, key: key, round: round.String(), partition: partition, due: due}
}

// send takes due records through the steps of the package comment: where the
// sinks end, into the history, to Kafka. A record that gets stuck before Kafka
// is intended all the same, and not_sent. It returns false, and has intended
// nothing, if ctx ended first.
func (p *Prober) send(ctx context.Context, batch []planned) bool {
	reason := p.jobOver()
	var starts []Start
	if reason == nil {
		starts, reason = p.prepare(ctx)
	}
	if ctx.Err() != nil {
		return false
	}
	p.waitFor(reason)
	pending := p.intend(batch, starts, reason)
	if reason != nil || !pending {
		return true
	}
	for _, start := range starts {
		if start.Begin != nil {
			start.Begin(ctx)
		}
	}
	if err := p.recorder.flush(); err != nil {
		p.waitFor(err)
		p.giveUp(batch, err)
		return true
	}
	for _, record := range batch {
		p.produce(ctx, record)
	}
	return true
}

// jobOver returns why a record would never be read: the job has ended for good.
func (p *Prober) jobOver() error {
	if p.job == nil {
		return nil
	}
	switch state, known := p.job.State(); {
	case !known:
		return nil
	case state == "FINISHED" || state == "CANCELED" || state == "FAILED" || state == "SUSPENDED":
		return fmt.Errorf("job %q is %s (start it again)", p.cfg.Job, state)
	}
	return nil
}

// prepare asks each sink where it begins to look. It fails if a sink that can be
// watched does not answer.
func (p *Prober) prepare(ctx context.Context) ([]Start, error) {
	starts := make([]Start, len(p.sinks))
	errs := make([]error, len(p.sinks))
	var work sync.WaitGroup
	for i, s := range p.sinks {
		work.Go(func() { starts[i], errs[i] = s.Prepare(ctx) })
	}
	work.Wait()
	for i, err := range errs {
		switch {
		case IsPermanent(err):
			starts[i] = Start{fault: err}
		case err != nil:
			return nil, err
		}
	}
	return starts, nil
}

// intend takes records into the accounts, as not_sent if there is a reason, and
// reports whether any sink is to be watched for them.
func (p *Prober) intend(batch []planned, starts []Start, reason error) bool {
	var sinks []episode.AtSink
	faults := []error{reason}
	pending := false
	for i, s := range p.sinks {
		at := episode.AtSink{Sink: s.watch.Sink(), Fate: episode.Pending}
		switch {
		case reason != nil:
			at.Fate = episode.NotSent
		case starts[i].fault != nil:
			at.Fate = episode.NotSent
			faults = append(faults, starts[i].fault)
		default:
			at.From = maps.Clone(starts[i].From)
		}
		pending = pending || at.Fate == episode.Pending
		sinks = append(sinks, at)
	}
	text := ""
	if err := errors.Join(faults...); err != nil {
		text = err.Error()
	}
	p.recorder.update(func(t *tracker) {
		for _, record := range batch {
			t.intend(episode.ProbeRecord{
				Seed: record.seed, Round: record.round, Key: record.key, Partition: record.partition,
				Intended:     record.due.wall.Round(0).UTC(),
				OnTimeWithin: time.Duration(p.cfg.OnTimeWithin), Cutoff: time.Duration(p.cfg.Cutoff),
				Error: text, Sinks: append([]episode.AtSink(nil), sinks...),
			}, record.due)
		}
	})
	return pending
}

// giveUp gives up records that could not be written ahead.
func (p *Prober) giveUp(batch []planned, reason error) {
	now := p.clock()
	p.recorder.update(func(t *tracker) {
		for _, record := range batch {
			t.giveUp(record.seed, reason.Error(), now)
		}
	})
}

// produce gives one record to the source.
func (p *Prober) produce(ctx context.Context, record planned) {
	p.sequence++
	now := p.clock()
	value, err := p.payload.render(payloadFields{
		Seed: record.seed, Key: record.key, Sequence: p.sequence, SentAt: now.wall.UnixMilli(),
		Partition: record.partition,
	})
	if err != nil {
		p.giveUp([]planned{record}, err)
		return
	}
	p.recorder.update(func(t *tracker) { t.handed(record.seed, now) })
	// A record that was handed over is waited for even if ctx ends: without its
	// answer the outcome would be a guess.
	p.source.Produce(context.WithoutCancel(ctx), Record{
		Seed: record.seed, Key: record.key, Value: value, Partition: record.partition,
	}, func(err error) { p.produced(record.seed, err) })
}

// produced takes the source's answer for a record.
func (p *Prober) produced(seed string, err error) {
	now := p.clock()
	if errors.Is(err, ErrSourceClosed) {
		return // the probe stops: not known, as after kill -9
	}
	p.health.report(p.sourceTarget, "producer", err)
	p.recorder.update(func(t *tracker) {
		if err != nil {
			t.produceFailed(seed, err.Error(), now)
			return
		}
		t.acknowledged(seed, now)
	})
}
