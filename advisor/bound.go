package advisor

import (
	"math"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// mostShare keeps the bound finite: what is left of a record's cost is never
// nothing, and a share is measured with less than a hundred samples' precision.
const mostShare = 0.99

// gain is Amdahl's: how much faster a job gets, in percent, when the fraction s
// of its bottleneck's time goes away.
func gain(s float64) float64 {
	s = min(max(s, 0), mostShare)
	return (1/(1-s) - 1) * 100
}

// atLeastShare is the lower end of Wilson's interval for k of n: what the share is
// at least, with 95 % confidence.
func atLeastShare(k, n int64) float64 {
	low, _ := stat.Wilson(k, n, stat.Deviate(0.10))
	return low
}

// span is which part of a cause a change usually removes: at least, at most.
type span struct{ low, high float64 }

// impact is the gain of removing a share that is at least atLeast and was
// measured as measured.
func (s span) impact(atLeast, measured float64) *episode.Impact {
	low, high := gain(atLeast*s.low), gain(measured*s.high)
	return &episode.Impact{LowPercent: round(min(low, high)), HighPercent: round(high)}
}

// atMost lowers an impact to a ceiling in percent that has another reason.
func atMost(impact *episode.Impact, ceiling float64) *episode.Impact {
	return &episode.Impact{LowPercent: min(impact.LowPercent, round(ceiling)), HighPercent: min(impact.HighPercent, round(ceiling))}
}

// round cuts to one decimal, downward: a bound must not grow by being printed.
// What floating point has lost of a whole tenth is given back.
func round(percent float64) float64 { return math.Floor(percent*10+1e-6) / 10 }

// The gains from which a finding is worth a person's attention, in percent.
const (
	warningFrom  = 10
	criticalFrom = 50
)

func severityOf(impact episode.Impact) episode.Severity {
	switch {
	case impact.HighPercent >= criticalFrom:
		return episode.Critical
	case impact.HighPercent >= warningFrom:
		return episode.Warning
	default:
		return episode.Info
	}
}
