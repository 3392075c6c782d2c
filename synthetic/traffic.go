package synthetic

import (
	"math"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

const (
	// trafficOver is the time over which traffic is averaged: longer than a round, so that the
	// rounds of the probe do not look like peaks.
	trafficOver = 5 * time.Minute
	// trafficEvery is the interval at which a probe with a limited share looks at the traffic.
	trafficEvery = 5 * time.Second
	// seldomest is the longest interval that a limited share leads to: a job without traffic
	// is still measured.
	seldomest = time.Duration(maxInterval)
)

// traffic averages what the job reads, and what of it the probe has sent. Only the sending
// goroutine uses it.
type traffic struct {
	input, own float64 // records per second
	at         clock.Moment
	seen       bool // the job has told its rate at least once
	known      bool // it told it at the last look
}

// look notes the job's present rate; known is false if it is unknown.
func (t *traffic) look(now clock.Moment, rate float64, known bool) {
	kept := math.Exp(-now.Since(t.at).Seconds() / trafficOver.Seconds())
	t.own *= kept
	t.at, t.known = now, known
	switch {
	case known && !t.seen:
		t.input, t.seen = rate, true
	case known:
		t.input = t.input*kept + rate*(1-kept)
	}
}

// sent notes a record of the probe.
func (t *traffic) sent() { t.own += 1 / trafficOver.Seconds() }

// perRecord returns the least time between two records of the probe so that they stay within
// a share of the job's input, or 0 if the input is unknown: unknown traffic is not zero.
func (t *traffic) perRecord(share float64) time.Duration {
	if !t.known {
		return 0
	}
	allowed := max(0, t.input-t.own) * share / (1 - share)
	if allowed*seldomest.Seconds() < 1 {
		return seldomest
	}
	return time.Duration(float64(time.Second) / allowed)
}

// limitShare looks at the job's traffic and adapts the interval of rounds to it.
func (p *Prober) limitShare() {
	if p.cfg.MaxSharePercent == 0 || p.job == nil {
		return
	}
	rate, known := p.job.InputRate()
	p.traffic.look(p.clock(), rate, known)
	p.perRecord.Store(int64(p.traffic.perRecord(p.cfg.MaxSharePercent / 100)))
}

// period is the time between the starts of two rounds of n records, with the limits of the
// rate and of the share.
func (p *Prober) period(n int) time.Duration {
	limited := min(float64(n)*float64(p.perRecord.Load()), float64(seldomest))
	return max(p.pacer.period(n), time.Duration(limited))
}
