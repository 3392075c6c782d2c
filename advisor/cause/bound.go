package cause

import (
	"math"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// mostShare keeps the bound finite. Some cost of a record always remains.
const mostShare = 0.99

// Gain is how much faster a job gets, in percent, when the fraction s of its
// bottleneck's time is removed (Amdahl's law).
func Gain(s float64) float64 {
	s = min(max(s, 0), mostShare)
	return (1/(1-s) - 1) * 100
}

// AtLeastShare is the lower end of Wilson's interval for k of n: what the share is
// at least, with 95 % confidence.
func AtLeastShare(k, n int64) float64 {
	low, _ := stat.Wilson(k, n, stat.Deviate(0.10))
	return low
}

// Span is which part of a cause a change usually removes: at least, at most.
type Span struct{ Low, High float64 }

// Impact is the gain of removing a share that is at least atLeast and was
// measured as measured.
func (s Span) Impact(atLeast, measured float64) *episode.Impact {
	low, high := Gain(atLeast*s.Low), Gain(measured*s.High)
	return &episode.Impact{LowPercent: Round(min(low, high)), HighPercent: Round(high)}
}

// AtMost limits an impact to a ceiling in percent.
func AtMost(impact *episode.Impact, ceiling float64) *episode.Impact {
	return &episode.Impact{
		LowPercent:  min(impact.LowPercent, Round(ceiling)),
		HighPercent: min(impact.HighPercent, Round(ceiling)),
	}
}

// Round cuts to one decimal, downward: a printed bound must not be larger than the
// bound. The small addend makes up for rounding errors of floating point.
func Round(percent float64) float64 { return math.Floor(percent*10+1e-6) / 10 }

// The gains from which a finding is a warning or critical, in percent.
const (
	WarningFrom  = 10
	criticalFrom = 50
)

// SeverityOf grades a finding by the most that it may gain.
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
