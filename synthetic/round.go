package synthetic

import (
	"context"
	"fmt"
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
		return episode.Measurement{}, fmt.Errorf("%d records is not between 1 and %d", n, maxRoundRecords)
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
	return p.await(ctx, answer)
}

// await waits until every record of a round is final and its documents are removed.
func (p *Prober) await(ctx context.Context, round roundAnswer) (episode.Measurement, error) {
	var final *Moment
	for {
		changed := p.recorder.next()
		m, seeds, open := p.measureRound(round.round)
		now := p.clock()
		if open == 0 && final == nil {
			final = &now
		}
		if final != nil && (p.cleaned(seeds) || now.Since(*final) > cleanWithin) {
			return m, nil
		}
		select {
		case <-ctx.Done():
			return m, ctx.Err()
		case <-p.stopped:
			return m, ErrStopped
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

// measureRound sums up the records of one round as stored in the history. open is the
// number of records that are not final there.
func (p *Prober) measureRound(round string) (m episode.Measurement, seeds map[string]bool, open int) {
	m = episode.Measurement{ID: round, Kind: episode.KindRound, Cluster: p.cluster, Job: p.cfg.Job}
	seeds = map[string]bool{}
	accounts := newAccounts(p.sinkNames())
	var samples []sample
	var began, ended Moment
	p.recorder.view(func(t *tracker) {
		for seed, e := range t.entries {
			if e.record.Round != round {
				continue
			}
			seeds[seed] = true
			if len(seeds) == 1 || e.intended.Before(began) {
				began = e.intended
			}
			if e.final != nil && ended.Before(*e.final) {
				ended = *e.final
			}
			if e.stored == nil || e.stored.Open() || e.dirty {
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
	m.Hops, m.Accounts = hopsOf(samples, p.hops), accounts.snapshot()
	m.Warnings = append(latencyWarnings(samples, p.hops), p.problems()...)
	return m, seeds, open
}
