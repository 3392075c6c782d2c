package advisor

import (
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// rule is one thing that is known to make jobs slow: what it looks like and
// what becomes better without it. It fires at most once per bundle.
type rule struct {
	name     string
	category string
	// A stack shows the rule's cause when one of its frames matches frames, below
	// a frame that matches below (if any is given), and none matches unless.
	frames, below, unless pattern
	// removable is which part of the cause a change usually removes.
	removable span
	// waits says that the cause is time off the CPU as much as on it.
	waits bool
	// judge decides whether the rule fires, and on which evidence.
	// A rule without one only counts stacks, for others.
	judge func(f *facts, i int) (verdict, bool)
	// settings are fragments of keys whose values belong to the evidence.
	settings []string
	// What a finding says beside its numbers.
	what      string // completes "41 % of task CPU time goes into …"
	why       string // why that costs, after the sentence with the numbers
	change    string
	tradeOffs string
}

// verdict is what a rule found.
type verdict struct {
	impact     *episode.Impact  // nil: no bound can be measured
	severity   episode.Severity // used where impact is nil
	confidence float64
	evidence   []string
	title      string // what was measured; the rule adds what it is
	why        string
}

// judge lets all rules speak, and notes whether any found more than an
// aside.
func (f *facts) judge() []episode.Finding {
	findings := f.judgeElsewhere(f.judgeAll())
	f.notable = slices.ContainsFunc(findings, func(x episode.Finding) bool { return x.Severity != episode.Info })
	return findings
}

// judgeAll lets each rule speak, in the order of the table. One that does not
// fire gives its stacks up to those after it.
func (f *facts) judgeAll() []episode.Finding {
	var findings []episode.Finding
	for i, r := range f.rules {
		v, fires := r.judged(f, i)
		if !fires {
			if len(r.frames) > 0 {
				f.released.add(i)
			}
			continue
		}
		findings = append(findings, f.finding(r, v))
	}
	return findings
}

func (r *rule) judged(f *facts, i int) (verdict, bool) {
	if r.judge == nil {
		return verdict{}, false
	}
	return r.judge(f, i)
}

func (f *facts) finding(r rule, v verdict) episode.Finding {
	severity := v.severity
	if v.impact != nil {
		severity = severityOf(*v.impact)
	}
	cited := append(v.evidence, f.book.settings(f.bundle.Config, r.settings)...)
	return episode.Finding{
		Category: r.category, Title: v.title, Impact: v.impact, Confidence: min(max(v.confidence, 0), 1), Severity: severity,
		Evidence: unique(cited), Why: v.why + " " + r.why, Change: r.change, TradeOffs: r.tradeOffs, Source: "rule:" + r.name,
	}
}

func unique(ids []string) []string {
	var out []string
	for _, id := range ids {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// How sure a measurement makes us, before its sampling error.
const (
	sureOfSamples = 0.9
	sureOfMetrics = 0.8
	sureOfHints   = 0.6
)

// costsCPU judges a cause by its share of the samples. It is the judge of most
// rules.
func costsCPU(f *facts, i int) (verdict, bool) {
	if f.basis == nil {
		return verdict{}, false
	}
	k, n := f.basis.attributed(i, f.released), f.basis.busy
	if !significant(k, n) {
		return verdict{}, false
	}
	r, share, atLeast := f.rules[i], float64(k)/float64(n), atLeastShare(k, n)
	scale := f.busy * f.running
	v := verdict{
		impact:     r.removable.impact(atLeast*scale, share*scale),
		confidence: sureOfSamples * atLeast / share,
		evidence:   append([]string{f.evidenceOf(i, f.basis, k)}, f.cited...),
		title:      fmt.Sprintf("%s of task CPU time goes into %s", percent(share), r.what),
		why:        fmt.Sprintf("%s is in %d of %d samples of task threads at work.", frameName(most(f.basis.through[i].into)), k, n),
	}
	if f.basis == &f.wall {
		v.title = fmt.Sprintf("%s of the tasks' busy time goes into %s", percent(share), r.what)
	}
	if f.running < 1 {
		v.evidence = append(v.evidence, f.waited.id)
		v.why += fmt.Sprintf(" The tasks are on the CPU in only %s of their busy time: while they wait, CPU counts for that much less.", percent(f.running))
	}
	return v, true
}

// severityOfHint grades a share that bounds nothing.
func severityOfHint(share float64) episode.Severity {
	switch {
	case share >= 0.5:
		return episode.Critical
	case share >= 0.2:
		return episode.Warning
	default:
		return episode.Info
	}
}
