package synthetic

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

const (
	// maxRoundRecords bounds a round on demand.
	maxRoundRecords = 100_000
	// roundPoll is how often a waiting round looks for itself.
	roundPoll = 100 * time.Millisecond
	// cleanWithin is how long a finished round waits for its documents to be
	// removed.
	cleanWithin = 5 * time.Second
)

// Round sends n records within max_rate, or one per partition if n is 0. It
// returns when the outcome of each is final at every sink. It waits for Run to be
// ready and for a round before it. If ctx ends first, the measurement so far is
// returned with ctx's error; the records stay accounted for.
func (p *Prober) Round(ctx context.Context, n int) (episode.Measurement, error) {
	switch {
	case n < 0 || n > maxRoundRecords:
		return episode.Measurement{}, fmt.Errorf("%d records is not between 1 and %d", n, maxRoundRecords)
	case p.paused.Load():
		return episode.Measurement{}, ErrPaused
	}
	answers := make(chan roundAnswer, 1)
	select {
	case p.roundsIn <- roundRequest{ctx, n, answers}:
	case <-ctx.Done():
		return episode.Measurement{}, ctx.Err()
	case <-p.stopped:
		return episode.Measurement{}, ErrStopped
	}
	answer := <-answers // the sender gives it, also when ctx ends
	if answer.err != nil {
		return episode.Measurement{}, answer.err
	}
	return p.await(ctx, answer)
}

// await waits until every record of a round is final, and its documents gone.
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

// cleaned reports whether no document of the seeds waits to be removed.
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

// measureRound sums up the records of one round, as the history has them; open
// is how many of them are not final there.
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

// Measure returns what the probe saw between two times of the last hour: the
// hops that records passed, the outcomes that were decided, and the records that
// were pending at the end. The caller sets ID and Kind.
func (p *Prober) Measure(from, to time.Time) episode.Measurement {
	m := episode.Measurement{Began: from, Ended: to, Cluster: p.cluster, Job: p.cfg.Job}
	var now []episode.Account
	if state := p.recorder.published.Load(); state != nil {
		now = state.accounts
	}
	w := windowOf(p.recent.since(from), to, now)
	m.Hops, m.Accounts = hopsOf(w.samples, p.hops), w.accounts.snapshot()
	m.Warnings = append(latencyWarnings(w.samples, p.hops), p.problems()...)
	return m
}

// problems lists what is wrong at this moment.
func (p *Prober) problems() []string {
	var all []string
	for _, target := range p.health.list() {
		all = append(all, target.Problems...)
	}
	if state := p.recorder.published.Load(); state != nil && state.failure != nil {
		all = append(
			all, fmt.Sprintf("the history can't be written: %v (make room, or correct history.path)", state.failure),
		)
	}
	return all
}

// Status is what the probe is doing, for a person.
type Status struct {
	Paused bool
	// Waiting says why no records are sent at the moment; empty if they are.
	Waiting string
	// Interval is the time between two rounds after the rate limit.
	Interval time.Duration
	Targets  []Target
	// Problems are those of all targets and of the history.
	Problems []string
	// Accounts are those of each sink since the history began; nil until the
	// history could be read.
	Accounts []episode.Account
	// OldestPending is the age of the oldest pending record; nil if none is.
	OldestPending *time.Duration
	// LastRound is the latest round whose records are all final; nil if none is
	// remembered.
	LastRound *episode.Measurement
}

// Status returns what the probe is doing.
func (p *Prober) Status() Status {
	s := Status{Paused: p.paused.Load(), Targets: p.health.list(), Problems: p.problems(), Interval: p.pacer.interval}
	if waiting := p.waiting.Load(); waiting != nil {
		s.Waiting = *waiting
	}
	if n := int(p.partitions.Load()); n > 0 {
		s.Interval = p.pacer.period(n)
	}
	if state := p.recorder.published.Load(); state != nil {
		s.Accounts = state.accounts
	}
	if age, pending := p.recorder.oldest(); pending {
		s.OldestPending = &age
	}
	if round := p.lastRound(); round != "" {
		m, _, _ := p.measureRound(round)
		s.LastRound = &m
	}
	return s
}

// lastRound returns the newest round of which nothing is open, "" if none is.
func (p *Prober) lastRound() string {
	final := map[string]bool{}
	p.recorder.view(func(t *tracker) {
		for _, e := range t.entries {
			was, known := final[e.record.Round]
			final[e.record.Round] = (was || !known) && e.stored != nil && !e.stored.Open()
		}
	})
	for _, round := range slices.Backward(slices.Sorted(maps.Keys(final))) {
		if final[round] {
			return round
		}
	}
	return ""
}

// Targets returns how the servers that the probe needs are doing. It is cheap: a
// scrape may call it.
func (p *Prober) Targets() []Target { return p.health.list() }

// inputShare returns the probe's share of what the job reads.
func (p *Prober) inputShare() (ratio float64, known bool) {
	n := int(p.partitions.Load())
	if p.job == nil || n == 0 || p.onDemand {
		return 0, false
	}
	rate, known := p.job.InputRate()
	if !known || rate <= 0 {
		return 0, false
	}
	return float64(n) / p.pacer.period(n).Seconds() / rate, true
}
