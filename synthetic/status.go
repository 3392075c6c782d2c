package synthetic

import (
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
)

// Measure returns a measurement between two times of the last hour: the hops of the
// records. Its accounts name the sinks and are empty: only the history knows what becomes of
// the records that were due in that time. The caller sets ID and Kind.
func (p *Prober) Measure(from, to time.Time) episode.Measurement {
	m := episode.Measurement{Began: from, Ended: to, Cluster: p.cluster, Job: p.cfg.Job}
	samples := samplesBefore(p.recent.since(from), to)
	m.Accounts = account.Empty(p.sinkNames())
	m.Hops, m.Warnings = hopsOf(samples, p.hops)
	m.IngestedUpperBound = ingestedUpperBound(samples)
	m.Warnings = slices.Concat(m.Warnings, latencyWarnings(samples, p.hops), p.problems())
	return m
}

// problems returns the present problems.
func (p *Prober) problems() []string {
	var all []string
	for _, target := range p.health.list() {
		all = append(all, target.Problems...)
	}
	if state := p.recorder.Published(); state != nil && state.Failure != nil {
		all = append(
			all, fmt.Sprintf("the history can't be written: %v (make room, or correct history.path)", state.Failure),
		)
	}
	return all
}

// Status is the state of the probe in a readable form.
type Status struct {
	Paused bool
	// Waiting says why no records are sent at present; it is empty if they are sent.
	Waiting string
	// NothingArrived is set while Kafka has synthetic records that no sink shows.
	NothingArrived *NothingArrived
	// Round is the round on demand that is under way; nil if there is none.
	Round *account.Progress
	// Interval is the time between two rounds, including the effect of the rate limit.
	Interval time.Duration
	Targets  []Target
	// Problems are those of all targets and of the history.
	Problems []string
	// Accounts are the accounts of each sink since the history began; nil until the
	// history was read.
	Accounts []episode.Account
	// OldestPending is the age of the oldest pending record; nil if there is none.
	OldestPending *time.Duration
	// LastRound is the latest round whose records are all final; nil if none is
	// remembered.
	LastRound *episode.Measurement
}

// Status returns the state of the probe.
func (p *Prober) Status() Status {
	s := Status{Paused: p.paused.Load(), Targets: p.health.list(), Problems: p.problems(), Interval: p.pacer.interval}
	s.NothingArrived, s.Round = p.nothingArrived(), p.roundProgress()
	if waiting := p.waiting.Load(); waiting != nil {
		s.Waiting = *waiting
	}
	if n := int(p.roundSize.Load()); n > 0 {
		s.Interval = p.period(n)
	}
	if state := p.recorder.Published(); state != nil {
		s.Accounts = state.Accounts
	}
	if age, pending := p.recorder.Oldest(); pending {
		s.OldestPending = &age
	}
	if round := p.recorder.LatestRound(); round != "" {
		m := p.measureRound(round)
		s.LastRound = &m
	}
	return s
}

// Targets returns the state of the servers that the probe needs. It is fast enough for
// a scrape.
func (p *Prober) Targets() []Target { return p.health.list() }

// inputShare returns the probe's share of the job's input.
func (p *Prober) inputShare() (ratio float64, known bool) {
	n := int(p.roundSize.Load())
	if p.job == nil || n == 0 || p.onDemand {
		return 0, false
	}
	rate, known := p.job.InputRate()
	if !known || rate <= 0 {
		return 0, false
	}
	return float64(n) / p.period(n).Seconds() / rate, true
}
