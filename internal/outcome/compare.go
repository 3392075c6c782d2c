package outcome

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// NewTable compares the tests of one run, oldest first as [Tests] returns them.
func NewTable(tests []scalerun.Test) Table { return tableOf(tests, samples(tests)) }

// SuccessiveTable is [NewTable] for tests whose deployments are stretches of time, one after the other:
// successive ones may be alike, and their intervals are wider ([stat.WelchSuccessive]).
func SuccessiveTable(tests []scalerun.Test) Table {
	all := samples(tests)
	for _, s := range all {
		s.successive = true
	}
	return tableOf(tests, all)
}

// tableOf compares samples of tests.
func tableOf(tests []scalerun.Test, all []*sample) Table {
	t := Table{Rows: []Row{}, Warnings: leftOut(tests)}
	if len(tests) > 0 {
		t.Run, t.Cluster, t.Job = tests[0].Run, tests[0].Cluster, tests[0].Job
	}
	var shapes []string
	for _, s := range all {
		if !slices.Contains(shapes, s.shape) {
			shapes = append(shapes, s.shape)
		}
	}
	for _, shape := range shapes {
		t.addShape(shape, all)
	}
	return t
}

// addShape adds the rows of one shape, the baseline first.
func (t *Table) addShape(shape string, all []*sample) {
	var of []*sample
	for _, s := range all {
		if s.shape == shape {
			of = append(of, s)
		}
	}
	slices.SortStableFunc(of, func(a, b *sample) int { return order(a.baseline) - order(b.baseline) })
	var baseline, before *sample
	if of[0].baseline {
		baseline = of[0]
	} else {
		t.warn("there is no baseline of shape %q (test the baseline with this shape)", shape)
	}
	for _, s := range of {
		if s == baseline {
			t.Rows = append(t.Rows, rowOf(s))
		} else {
			t.Rows = append(t.Rows, compare(baseline, before, s))
			t.doubt(baseline, s)
		}
		before = s
	}
}

func order(baseline bool) int {
	if baseline {
		return 0
	}
	return 1
}

// rowOf is a row without a comparison.
func rowOf(s *sample) Row {
	r := Row{
		Change: s.label, Shape: s.shape, Baseline: s.baseline, Throughput: s.mean(throughputs),
		LatencyP50: s.mean(latencyP50), LatencyP99: s.mean(latencyP99), CPUPerMillion: s.mean(cpuPerMillion),
		Iterations: s.iterations(),
	}
	if !s.numbered {
		return r
	}
	r.Deployments = new(len(s.deployments))
	var groups [][]float64
	for _, d := range s.deployments {
		groups = append(groups, d.logs)
	}
	if share, ok := stat.BetweenShare(groups); ok {
		r.BetweenShare = &share
	}
	return r
}

// compare is the row of s. The baseline and the row before may be nil.
func compare(baseline, before, s *sample) Row {
	r := rowOf(s)
	r.Verdict = TooFew
	r.Step = change(before, s)
	if r.Improvement = change(baseline, s); r.Improvement == nil {
		return r
	}
	d, method, ok := interval(throughputs, baseline, s)
	if !ok {
		return r
	}
	r.Method = method
	r.Low, r.High = new(stat.Percent(d.Low)), new(stat.Percent(d.High))
	r.Detectable = new(stat.Percent(d.Detectable(alpha, power)))
	r.Verdict = verdict(*r.Improvement, *r.Low, *r.High)
	return r
}

func verdict(improvement, low, high float64) Verdict {
	switch {
	case low <= 0 && high >= 0, math.Abs(improvement) < SmallestChange:
		return Unclear
	case improvement > 0:
		return Better
	}
	return Worse
}

// change is the change of the throughput in percent; nil if a side is unknown.
func change(from, to *sample) *float64 {
	if from == nil {
		return nil
	}
	a, b := from.mean(throughputs), to.mean(throughputs)
	if a == nil || b == nil {
		return nil
	}
	return new((*b/(*a) - 1) * 100)
}

// pairs reports whether the deployments of both sides belong together in their order: an
// import says so, or own tests alternated.
func pairs(baseline, s *sample) bool {
	if len(baseline.deployments) != len(s.deployments) {
		return false
	}
	if baseline.deployments[0].order > 0 || s.deployments[0].order > 0 {
		return baseline.paired && s.paired
	}
	first, second := baseline.deployments, s.deployments
	if second[0].began.Before(first[0].began) {
		first, second = second, first
	}
	for i := range first {
		if !first[i].began.Before(second[i].began) || i > 0 && !second[i-1].began.Before(first[i].began) {
			return false
		}
	}
	return true
}

func (t *Table) warn(format string, args ...any) {
	t.Warnings = append(t.Warnings, fmt.Sprintf(format, args...))
}

// leftOut says which tests do not count.
func leftOut(tests []scalerun.Test) []string {
	out := []string{}
	for _, t := range tests {
		if t.Verdict != scalerun.OK {
			out = append(out, fmt.Sprintf("%s: test %s is %s and does not count", t.Label, t.ID, t.Verdict))
		}
	}
	return out
}

// doubt warns of what makes the comparison with the baseline doubtful.
func (t *Table) doubt(baseline, s *sample) {
	if baseline == nil || len(baseline.tests) == 0 {
		return
	}
	reference := baseline.tests[0]
	var differ []string
	for _, test := range s.tests {
		differ = append(differ, scalerun.Differences(reference.Environment, test.Environment)...)
		if test.PayloadSeed != reference.PayloadSeed {
			differ = append(differ, fmt.Sprintf("payload seed %d → %d", reference.PayloadSeed, test.PayloadSeed))
		}
	}
	if slices.Sort(differ); len(differ) > 0 {
		t.warn("%s: it differs from the baseline in more than the change: %s (test both alike)", s.label,
			strings.Join(slices.Compact(differ), ", "))
	}
	if d, _, ok := interval(throughputs, baseline, s); ok && d.Error == 0 {
		t.warn("%s: all deployments have the same value (check that each was measured)", s.label)
	}
}
