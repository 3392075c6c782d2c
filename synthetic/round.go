package synthetic

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
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
	defer p.recorder.Update(func(t *account.Tracker) { t.Release(answer.round) })
	defer p.current.CompareAndSwap(answer.underWay, nil)
	return p.await(ctx, answer.round)
}

// await waits until every record of a round is final and its documents are removed.
func (p *Prober) await(ctx context.Context, round string) (episode.Measurement, error) {
	err := p.until(ctx, func() bool { return !p.recorder.Unfinished(round) })
	if err == nil {
		seeds := p.recorder.Round(round).Seeds
		final := p.clock()
		err = p.until(ctx, func() bool { return p.cleaned(seeds) || p.clock().Since(final) > cleanWithin })
	}
	return p.measureRound(round), err
}

// until waits until done returns true. It asks after each write to the history, and
// each roundPoll. The error says that ctx or the probe ended first.
func (p *Prober) until(ctx context.Context, done func() bool) error {
	for {
		changed := p.recorder.Next()
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

// roundUnderWay names a round on demand.
type roundUnderWay struct {
	id string
	n  int
}

// roundProgress returns the progress of the newest round on demand; nil if none is under
// way.
func (p *Prober) roundProgress() *account.Progress {
	round := p.current.Load()
	if round == nil {
		return nil
	}
	return p.recorder.Progress(round.id, round.n)
}

// measureRound sums up the records of one round as stored in the history.
func (p *Prober) measureRound(id string) episode.Measurement {
	m := episode.Measurement{ID: id, Kind: episode.KindRound, Cluster: p.cluster, Job: p.cfg.Job}
	round := p.recorder.Round(id)
	m.Began, m.Ended = round.Began.Wall.Round(0).UTC(), round.Ended.Wall.Round(0).UTC()
	if round.Open > 0 || len(round.Seeds) == 0 {
		m.Ended = p.clock().Wall.Round(0).UTC()
	}
	m.Accounts = round.Accounts
	m.Hops, m.Warnings = hopsOf(round.Samples, p.hops)
	m.IngestedUpperBound = ingestedUpperBound(round.Samples)
	m.Warnings = slices.Concat(m.Warnings, latencyWarnings(round.Samples, p.hops), p.problems())
	if found := p.nothingArrived(); found != nil && !arrived(m.Accounts) {
		m.Warnings = append(m.Warnings, found.Text())
	}
	return m
}
