package synthetic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// send takes due records through the steps of the package comment: it prepares the
// sinks, writes the records to the history and hands them to Kafka. A record that fails
// before Kafka is intended too, as not_sent. If ctx ends first, send intends no record
// and returns false.
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
	if err := p.recorder.Flush(); err != nil {
		p.waitFor(err)
		p.giveUp(batch, err)
		return true
	}
	for _, record := range batch {
		p.produce(ctx, record)
	}
	return true
}

// jobOver returns why no record would ever be read: the job has ended permanently.
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

// prepare asks each sink where its search begins. It fails if a watchable sink does not
// answer.
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

// intend adds records to the accounts, as not_sent if there is a reason. It reports
// whether any sink must be watched for them.
func (p *Prober) intend(batch []planned, starts []Start, reason error) bool {
	var sinks []episode.AtSink
	faults := []error{reason}
	pending := false
	for i, s := range p.sinks {
		at := episode.AtSink{Sink: s.watch.Sink(), Outcome: episode.Pending}
		switch {
		case reason != nil:
			at.Outcome = episode.NotSent
		case starts[i].fault != nil:
			at.Outcome = episode.NotSent
			faults = append(faults, starts[i].fault)
		default:
			at.From = maps.Clone(starts[i].From)
		}
		pending = pending || at.Outcome == episode.Pending
		sinks = append(sinks, at)
	}
	text := ""
	if err := errors.Join(faults...); err != nil {
		text = err.Error()
	}
	p.recorder.Update(func(t *account.Tracker) {
		for _, record := range batch {
			t.Intend(episode.ProbeRecord{
				Seed: record.seed, Round: record.round, Key: record.key, Partition: record.partition,
				Subtask: record.subtask, Intended: record.due.Wall.Round(0).UTC(),
				OnTimeWithin: time.Duration(p.cfg.OnTimeWithin), Cutoff: time.Duration(p.cfg.Cutoff),
				Error: text, Sinks: append([]episode.AtSink(nil), sinks...),
			}, record.due)
		}
	})
	return pending
}

// giveUp marks records as not_sent that could not be written to the history before
// sending.
func (p *Prober) giveUp(batch []planned, reason error) {
	now := p.clock()
	p.recorder.Update(func(t *account.Tracker) {
		for _, record := range batch {
			t.GiveUp(record.seed, reason.Error(), now)
		}
	})
}

// produce hands one record to the source.
func (p *Prober) produce(ctx context.Context, record planned) {
	p.sequence++
	p.traffic.sent()
	now := p.clock()
	value, err := p.payload.Render(payload.Fields{
		Seed: record.seed, Key: record.key, Sequence: p.sequence, SentAt: now.Wall.UnixMilli(),
		Partition: record.partition,
	})
	if err != nil {
		p.giveUp([]planned{record}, err)
		return
	}
	p.recorder.Update(func(t *account.Tracker) { t.Handed(record.seed, now) })
	// It waits for the answer even if ctx ends, because without the answer the outcome
	// would be a guess.
	p.source.Produce(context.WithoutCancel(ctx), Record{
		Seed: record.seed, Key: record.key, Value: value, Partition: record.partition,
	}, func(offset int64, err error) { p.produced(record.seed, offset, err) })
}

// produced processes the source's answer for a record.
func (p *Prober) produced(seed string, offset int64, err error) {
	now := p.clock()
	if errors.Is(err, ErrSourceClosed) {
		return // the probe stops: the outcome is unknown, as after kill -9
	}
	p.health.report(p.sourceTarget, "producer", err)
	p.recorder.Update(func(t *account.Tracker) {
		if err != nil {
			t.ProduceFailed(seed, err.Error(), now)
			return
		}
		t.Acknowledged(seed, offset, now)
	})
}
