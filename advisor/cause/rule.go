package cause

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/frame"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Pattern matches frames by name.
type Pattern = frame.Pattern

// Rule describes one known cause of slowness: how to recognise it, how to judge it, and
// what to change. It fires at most once for a bundle.
type Rule struct {
	Name     string
	Category string
	// A stack shows the rule's cause when one of its frames matches frames, below
	// a frame that matches below (if any is given), and none matches unless.
	Frames, Below, Unless Pattern
	// Parked is set if a stack also shows the cause when a frame of the user's code waits for
	// the operating system without any call between: so looks a wait for a monitor.
	Parked bool
	// Stubs are frames of the JVM's own code that only this cause calls and that a profiler
	// may show without callers.
	Stubs Pattern
	// Removable is the part of the cause that a change usually removes, RestsOn where it is from.
	Removable Span
	RestsOn   Ground
	// Unrecorded is set if no profile of a real job has shown the cause: the rule was tried on
	// stacks that were made by hand, and is at most half sure.
	Unrecorded bool
	// Waits is set if the cause also takes time off the CPU.
	Waits bool
	// Applies reports whether the settings of the job allow the cause; nil means always.
	Applies func(f *Facts) bool
	// Judge decides whether the rule fires, and on which evidence. A rule without Judge
	// only counts stacks for other rules.
	Judge func(f *Facts, i int) (Verdict, bool)
	// Settings are fragments of configuration keys. The values of matching keys belong
	// to the evidence.
	Settings []string
	// Signals are those of package evidence whose alerts the rule explains. Its finding
	// comes first in an episode of such an alert.
	Signals []string
	// The texts of a finding, in addition to its numbers.
	What      string // completes "41 % of task CPU time goes into …"
	Why       string // why this is slow; it follows the sentence with the numbers
	Change    string
	TradeOffs string
	// Parts are kinds of the cause with texts of their own. The one that most of the
	// stacks show is named.
	Parts []Part
	// Reference is the address of the documentation that the change refers to.
	Reference string
}

// Verdict is the result of a rule that fired.
type Verdict struct {
	Impact     *episode.Impact  // nil: no bound can be measured
	Severity   episode.Severity // used if Impact is nil
	AtLeast    episode.Severity // the least severity with an Impact; empty is info
	Confidence float64
	Evidence   []string
	Title      string // the measurement; the rule adds the cause
	Why        string
	// Then says what limits the job after the change; empty if that is not known.
	Then string
	// Removable and RestsOn replace those of the rule if the impact was made with another part.
	Removable Span
	RestsOn   Ground
	// Change and TradeOffs replace those of the rule where more is known.
	Change, TradeOffs string
}

// Judge applies all rules and returns their findings without ranks.
func (f *Facts) Judge() []episode.Finding {
	findings := f.judgeElsewhere(f.judgeAll())
	f.notable = slices.ContainsFunc(findings, func(x episode.Finding) bool { return x.Severity != episode.Info })
	return findings
}

// Own reports whether a finding explains the alert of the episode: its rule is about the
// signal that fired.
func (f *Facts) Own(x episode.Finding) bool {
	return slices.ContainsFunc(f.Rules, func(r Rule) bool {
		return x.Source == "rule:"+r.Name && slices.ContainsFunc(f.Bundle.Trends, func(t evidence.Trend) bool {
			return t.Fired && slices.Contains(r.Signals, t.Signal)
		})
	})
}

// judgeAll applies the rules in the order of the list. The stacks of a rule that does
// not fire count for later rules.
func (f *Facts) judgeAll() []episode.Finding {
	var findings []episode.Finding
	for i, r := range f.Rules {
		v, fires := r.judged(f, i)
		if !fires {
			if len(r.Frames) > 0 {
				f.released.add(i)
			}
			continue
		}
		findings = append(findings, f.finding(r, v))
	}
	return findings
}

func (r *Rule) judged(f *Facts, i int) (Verdict, bool) {
	if r.Judge == nil || !r.applies(f) {
		return Verdict{}, false
	}
	return r.Judge(f, i)
}

func (r *Rule) applies(f *Facts) bool { return r.Applies == nil || r.Applies(f) }

func (f *Facts) finding(r Rule, v Verdict) episode.Finding {
	severity := v.Severity
	if v.Impact != nil {
		severity = SeverityOf(*v.Impact)
		if v.AtLeast == episode.Warning && severity == episode.Info {
			severity = v.AtLeast
		}
	}
	confidence := min(max(v.Confidence, 0), 1)
	if r.Unrecorded {
		confidence = min(confidence, halfSure)
	}
	cited := append(v.Evidence, f.Book.Settings(f.Bundle.Config, r.Settings)...)
	return episode.Finding{
		Category: r.Category, Title: v.Title, Impact: v.Impact, Confidence: confidence,
		Severity: severity,
		Evidence: Unique(cited), Why: strings.TrimSpace(v.Why + " " + r.Why + r.assumes(v) + " " + v.Then),
		Change: cmp.Or(v.Change, r.Change), TradeOffs: cmp.Or(v.TradeOffs, r.TradeOffs), Reference: r.Reference,
		Source: "rule:" + r.Name,
	}
}

// assumption begins the sentence about what a gain rests on. Without a gain it is withoutGain.
const (
	assumption  = "The gain assumes that a change removes"
	withoutGain = "A change removes"
)

// assumes says what the gain of a verdict rests on; empty without a gain.
func (r *Rule) assumes(v Verdict) string {
	span, ground := r.removable(v)
	if v.Impact == nil || span == (Span{}) {
		return ""
	}
	return fmt.Sprintf(" %s %.0f to %.0f %% of it%s.", assumption, 100*span.Low, 100*span.High, ground.inBrackets())
}

// removable is the part that the gain of a verdict was made with.
func (r *Rule) removable(v Verdict) (Span, Ground) {
	if v.Removable != (Span{}) {
		return v.Removable, v.RestsOn
	}
	return r.Removable, r.RestsOn
}

// Unique removes empty ids and all but the first of equal ids.
func Unique(ids []string) []string {
	var out []string
	for _, id := range ids {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// The confidence in a kind of measurement, before its sampling error.
const (
	SureOfSamples = 0.9
	SureOfMetrics = 0.8
	SureOfHints   = 0.6
	halfSure      = 0.5
)

// CostsCPU judges a cause by its share of the samples. Most rules use it.
func CostsCPU(f *Facts, i int) (Verdict, bool) {
	if f.Basis == nil {
		return Verdict{}, false
	}
	k, n := f.Basis.attributed(i, f.released), f.Basis.Busy
	if !Significant(k, n) {
		return Verdict{}, false
	}
	r, share, atLeast := f.Rules[i], float64(k)/float64(n), AtLeastShare(k, n)
	v := Verdict{
		Confidence: SureOfSamples * atLeast / share,
		Evidence:   append([]string{f.EvidenceOf(i, f.Basis, k)}, f.Cited...),
		Title:      f.GoesInto(i, f.Basis, k),
		Why:        f.Basis.IsIn(i),
	}
	f.namePart(&v, i, f.Basis)
	removable, _ := r.removable(v)
	v.Impact = f.OnCPU(removable, atLeast, share)
	if f.Running < 1 {
		v.Evidence = append(v.Evidence, f.Waited.id)
		v.Why += fmt.Sprintf(" The tasks are on the CPU in only %s of their busy time: while they wait, CPU "+
			"counts for that much less.", evidence.Percent(f.Running))
	}
	return v, true
}

// SeverityOfHint grades a share that does not bound a gain.
func SeverityOfHint(share float64) episode.Severity {
	switch {
	case share >= 0.5:
		return episode.Critical
	case share >= 0.2:
		return episode.Warning
	default:
		return episode.Info
	}
}
