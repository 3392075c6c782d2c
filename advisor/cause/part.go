package cause

import (
	"fmt"
	"slices"
)

// Part is a kind of a rule's cause, such as the iterators of a state backend.
type Part struct {
	Frames Pattern
	What   string // completes "41 of these samples are in …"
	// Change and TradeOffs replace those of the rule, and so do Removable and RestsOn. What is empty
	// keeps that of the rule.
	Change, TradeOffs string
	Removable         Span
	RestsOn           Ground
}

// part names a part of a rule by their indexes.
type part struct{ rule, part int }

// addParts counts the parts of rule i that a stack shows.
func (y *Tally) addParts(r Rule, i int, frames []*traits, n int64) {
	for j, p := range r.Parts {
		if slices.ContainsFunc(frames, func(f *traits) bool { return p.Frames.Matches(f.dotted) }) {
			y.parts[part{i, j}] += n
		}
	}
}

// mostOfCause is the share of a cause's samples from which a part of it decides what to
// change.
const mostOfCause = 0.5

// namePart says which part most of the stacks of rule i show, and gives its advice.
func (f *Facts) namePart(v *Verdict, i int, y *Tally) {
	all := y.Showing(i)
	for j, p := range f.Rules[i].Parts {
		n := y.parts[part{i, j}]
		if float64(n) < mostOfCause*float64(all) || n == 0 {
			continue
		}
		v.Why += fmt.Sprintf(" %d of the %d samples that show this cause are in %s.", n, all, p.What)
		v.Change, v.TradeOffs = p.Change, p.TradeOffs
		v.Removable, v.RestsOn = p.Removable, p.RestsOn
		return
	}
}
