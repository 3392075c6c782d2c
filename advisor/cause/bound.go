package cause

import (
	"fmt"
	"math"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// mostShare keeps the bound finite. Some cost of a record always remains.
const mostShare = 0.99

// Gain returns the speed-up of a job in percent when the fraction s of its bottleneck's
// time is removed (Amdahl's law).
func Gain(s float64) float64 {
	s = min(max(s, 0), mostShare)
	return (1/(1-s) - 1) * 100
}

// AtLeastShare is the lower end of Wilson's interval for k of n: with 95 % confidence
// the share is at least this large.
func AtLeastShare(k, n int64) float64 {
	low, _ := stat.Wilson(k, n, stat.Deviate(0.10))
	return low
}

// Span is the part of a cause that a change usually removes: at least Low, at most
// High.
type Span struct{ Low, High float64 }

// Impact returns the gain of removing a share. atLeast is the lower end of the share's
// confidence interval, measured is the measured share.
func (s Span) Impact(atLeast, measured float64) *episode.Impact {
	low, high := Gain(atLeast*s.Low), Gain(measured*s.High)
	return &episode.Impact{LowPercent: Round(min(low, high)), HighPercent: Round(high)}
}

// OnCPU is the gain if a change removes a part of what the bottleneck does on the CPU. atLeast and
// measured are the share of it, as for [Span.Impact].
func (f *Facts) OnCPU(removable Span, atLeast, measured float64) *episode.Impact {
	low, high := f.Load.Busy()
	return removable.Impact(atLeast*low*f.Running, measured*high*f.Running)
}

// OfCPU is the part of the limiting subtask's time that a share of its samples on the CPU bounds.
func (f *Facts) OfCPU(share float64) float64 {
	_, high := f.Load.Busy()
	return share * high * f.Running
}

// WhileItWaits is the gain if a change removes a part of what the bottleneck waits for. atLeast and
// measured are the share of its busy time, as for [Span.Impact].
func (f *Facts) WhileItWaits(removable Span, atLeast, measured float64) *episode.Impact {
	low, high := f.whileItWaits()
	return removable.Impact(atLeast*low, measured*high)
}

// whileItWaits is the busy fraction of a bottleneck that waits. What limits a job is busy all the time
// while it does: so the high end is 1. Idle time that the metrics show has another cause, such as a
// minute that began before the load, and need not remain after the change. Of CPU time the measured
// fraction counts, because less of it may come from other threads on the same processors.
func (f *Facts) whileItWaits() (low, high float64) {
	low, high = f.Load.Busy()
	if f.limited {
		high = 1
	}
	return low, high
}

// TakesFromLimit bounds the gain if work beside the vertex that limits takes less processor time, by a
// share: to at most that share of the part of its time in which that vertex needs a processor, and at
// least to nothing, because a processor may be free. It does nothing and returns false without a WALL
// profile, which shows that part. What the vertex waits for must have processors of its own.
func (f *Facts) TakesFromLimit(v *Verdict, share float64) bool {
	part, measured := f.Works()
	if !measured || !f.limited {
		return false
	}
	v.Impact = &episode.Impact{HighPercent: Round(Gain(part * share))}
	v.Why = strings.TrimSpace(fmt.Sprintf("%s %s limits the job and is on the CPU in %s of its busy time: other work can "+
		"take only processors from it.", v.Why, f.Limit(), evidence.Percent(part)))
	v.Evidence = append(v.Evidence, f.Waited.ID())
	return true
}

// AtMost limits an impact to a ceiling in percent.
func AtMost(impact *episode.Impact, ceiling float64) *episode.Impact {
	return &episode.Impact{
		LowPercent:  min(impact.LowPercent, Round(ceiling)),
		HighPercent: min(impact.HighPercent, Round(ceiling)),
	}
}

// Round cuts to one decimal, downward: a printed bound must not be larger than the
// bound. The small addend compensates for rounding errors of floating point.
func Round(percent float64) float64 { return math.Floor(percent*10+1e-6) / 10 }

// The gains from which a finding is a warning or critical, in percent.
const (
	WarningFrom  = 10
	criticalFrom = 50
)

// SeverityOf grades a finding by its largest possible gain.
func SeverityOf(impact episode.Impact) episode.Severity {
	switch {
	case impact.HighPercent >= criticalFrom:
		return episode.Critical
	case impact.HighPercent >= WarningFrom:
		return episode.Warning
	default:
		return episode.Info
	}
}
