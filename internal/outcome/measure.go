package outcome

import (
	"math"
	"slices"

	gonum "gonum.org/v1/gonum/stat"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// measure is what of a deployment is compared: the values of its iterations.
type measure func(*deployment) []float64

func throughputs(d *deployment) []float64   { return d.throughputs }
func latencyP50(d *deployment) []float64    { return d.p50 }
func latencyP99(d *deployment) []float64    { return d.p99 }
func cpuPerMillion(d *deployment) []float64 { return d.cpu }

// value is the mean of the logarithms of a measure; NaN if it is not known of any iteration, or not
// above 0 in all of them.
func (d *deployment) value(of measure) float64 {
	var logs []float64
	for _, v := range of(d) {
		if !(v > 0) {
			return math.NaN()
		}
		logs = append(logs, math.Log(v))
	}
	return gonum.Mean(logs, nil)
}

// values are those of the deployments.
func (s *sample) values(of measure) (logs []float64) {
	for _, d := range s.deployments {
		logs = append(logs, d.value(of))
	}
	return logs
}

// mean is the geometric mean over the deployments that know a measure; nil if none does. A single
// value stays as it is. Others are rounded to twelve digits: exp(log(v)) is not exact. A value of 0
// has no logarithm: with one the mean is the arithmetic one.
func (s *sample) mean(of measure) *float64 {
	var all, logs, means []float64
	for _, d := range s.deployments {
		if values := of(d); len(values) > 0 {
			all, logs = append(all, values...), append(logs, d.value(of))
			means = append(means, gonum.Mean(values, nil))
		}
	}
	switch {
	case len(all) == 0:
		return nil
	case len(all) == 1:
		return new(all[0])
	case slices.ContainsFunc(logs, math.IsNaN):
		return new(gonum.Mean(means, nil))
	}
	return new(rounded(math.Exp(gonum.Mean(logs, nil)), 12))
}

// interval is that of the logarithm of the ratio to the baseline. Deployments that do not know the
// measure do not count, and neither do their pairs.
func interval(of measure, baseline, s *sample) (d stat.Difference, method Method, ok bool) {
	if !baseline.numbered || !s.numbered || min(len(baseline.deployments), len(s.deployments)) < MinDeployments {
		return d, "", false
	}
	before, after, paired := baseline.values(of), s.values(of), pairs(baseline, s)
	if paired {
		before, after = bothKnown(before, after)
	} else {
		before, after = slices.DeleteFunc(before, math.IsNaN), slices.DeleteFunc(after, math.IsNaN)
	}
	if min(len(before), len(after)) < MinDeployments {
		return d, "", false
	}
	switch {
	case paired:
		d, ok = stat.Paired(before, after, alpha)
		return d, Paired, ok
	case baseline.successive:
		d, ok = stat.WelchSuccessive(before, after, alpha)
	default:
		d, ok = stat.Welch(before, after, alpha)
	}
	return d, Welch, ok
}

// bothKnown are the pairs of which both values are known.
func bothKnown(before, after []float64) (a, b []float64) {
	for i := range before {
		if !math.IsNaN(before[i]) && !math.IsNaN(after[i]) {
			a, b = append(a, before[i]), append(b, after[i])
		}
	}
	return a, b
}
