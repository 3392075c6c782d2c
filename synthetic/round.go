package synthetic

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

const (
	// maxRoundRecords bounds a round on demand.
	maxRoundRecords = 100_000
	// roundPoll is the interval at which a waiting round checks the records.
	roundPoll = 100 * time.Millisecond
	// cleanWithin is the maximum wait of a finished round for the removal of its
	// documents.
	cleanWithin = 5 * time.Second
)

// Round sends n records within max_rate, or one per partition if n is 0. It returns
// when each outcome is final at every sink. It waits until Run is ready and an earlier
// round is done. If ctx ends first, it returns the measurement so far with ctx's error;
// the records stay accounted for.
func (p *Prober) Round(ctx context.Context, n int) (episode.Measurement, error) {
	switch {
	case n < 0 || n > maxRoundRecords:
		return episode.Measurement{}, fmt.Errorf("%d records is not between 1 and %d "+
			"(choose a number in between, or 0 for one per partition)", n, maxRoundRecords)
	case p.paused.Load():
		return episode.Measurement{}, ErrPaused
	}
	answers := make(chan roundAnswer, 1)
	select {
	case p.roundsIn <- roundRequest{n, ctx.Done(), answers}:
	case <-ctx.Done():
		return episode.Measurement{}, ctx.Err()
	case <-p.stopped:
		return episode.Measurement{}, ErrStopped
	}
	answer := <-answers // the sender always answers, also when ctx ends
	if answer.err != nil {
		return episode.Measurement{}, answer.err
	}
	defer p.recorder.update(func(t *tracker) { t.release(answer.round) })
	defer p.current.CompareAndSwap(answer.underWay, nil)
	return p.await(ctx, answer.round)
}

// await waits until every record of a round is final and its documents are removed.
func (p *Prober) await(ctx context.Context, round string) (episode.Measurement, error) {
	err := p.until(ctx, func() bool { return !p.unfinished(round) })
	if err == nil {
		_, seeds, _ := p.measureRound(round)
		final := p.clock()
		err = p.until(ctx, func() bool { return p.cleaned(seeds) || p.clock().Since(final) > cleanWithin })
	}
	m, _, _ := p.measureRound(round)
	return m, err
}

// until waits until done returns true. It asks after each write to the history, and
// each roundPoll. The error says that ctx or the probe ended first.
func (p *Prober) until(ctx context.Context, done func() bool) error {
	for {
		changed := p.recorder.next()
		if done() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.stopped:
			return ErrStopped
		case <-changed:
		case <-time.After(roundPoll):
		}
	}
}

// unfinished reports whether a record of the round is not final in the history. A
// forgotten record is.
func (p *Prober) unfinished(round string) (open bool) {
	p.recorder.view(func(t *tracker) {
		for _, e := range t.entries {
			open = open || e.record.Round == round && e.unfinished()
		}
	})
	return open
}

// cleaned reports whether all documents of the seeds are removed.
func (p *Prober) cleaned(seeds map[string]bool) bool {
	for _, s := range p.sinks {
		if cleaner, cleans := s.Sink.(Cleaner); cleans && !cleaner.Cleaned(seeds) {
			return false
		}
	}
	return true
}

func (p *Prober) sinkNames() []string {
	names := make([]string, len(p.sinks))
	for i, s := range p.sinks {
		names[i] = s.watch.Sink()
	}
	return names
}

// measureRound sums up the records of one round as stored in the history. open is the
// number of records that are not final there.
func (p *Prober) measureRound(round string) (m episode.Measurement, seeds map[string]bool, open int) {
	m = episode.Measurement{ID: round, Kind: episode.KindRound, Cluster: p.cluster, Job: p.cfg.Job}
	seeds = map[string]bool{}
	accounts := newAccounts(p.sinkNames())
	var samples []sample
	var began, ended Moment
	p.recorder.view(func(t *tracker) {
		for e := range t.ofRound(round) {
			seeds[e.record.Seed] = true
			if len(seeds) == 1 || e.intended.Before(began) {
				began = e.intended
			}
			if e.final != nil && ended.Before(*e.final) {
				ended = *e.final
			}
			if e.unfinished() {
				open++
			}
			if e.stored != nil {
				for _, s := range stepsBetween(nil, e.stored) {
					accounts.apply(s)
				}
			}
			samples = append(samples, e.measured...)
		}
	})
	m.Began, m.Ended = began.wall.Round(0).UTC(), ended.wall.Round(0).UTC()
	if open > 0 || len(seeds) == 0 {
		m.Ended = p.clock().wall.Round(0).UTC()
	}
	m.Accounts = accounts.snapshot()
	m.Hops, m.Warnings = hopsOf(samples, p.hops)
	m.IngestedUpperBound = ingestedUpperBound(samples)
	m.Warnings = slices.Concat(m.Warnings, latencyWarnings(samples, p.hops), p.problems())
	if found := p.nothingArrived(); found != nil && !arrived(m.Accounts) {
		m.Warnings = append(m.Warnings, found.Text())
	}
	return m, seeds, open
}
