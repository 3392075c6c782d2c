package synthetic

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

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
