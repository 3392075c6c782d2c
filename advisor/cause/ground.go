package cause

import "fmt"

// Ground is what the removable part of a rule rests on.
type Ground struct {
	Kind Kind
	// Says names the source, or the change that the part is calculated from or assumed for.
	Says string
}

// Kind tells how far a removable part can be trusted.
type Kind string

const (
	// Measured parts come from benchmarks of one example each: make removable, whose times are in
	// advisor/rules/testdata. Says is where the low end is, if it is lower than measured.
	Measured Kind = "measured"
	// Calculated parts follow from how many times rarer the change makes the cause.
	Calculated Kind = "calculated"
	// Documented parts come from measurements that others published.
	Documented Kind = "documented"
	// Assumed parts are estimates of the authors.
	Assumed Kind = "assumed"
)

// Rarer is the part that is removed if a cause comes low to high times as rarely.
func Rarer(low, high float64) Span { return Span{1 - 1/low, 1 - 1/high} }

// inBrackets is a ground as it stands in brackets in the text of a finding; empty without a kind.
func (g Ground) inBrackets() string {
	switch {
	case g.Kind == "":
		return ""
	case g.Kind == Measured && g.Says != "":
		return fmt.Sprintf(" (measured with one example, less %s)", g.Says)
	case g.Kind == Measured:
		return " (measured with one example)"
	case g.Kind == Assumed:
		return " (assumed, not measured)"
	}
	return fmt.Sprintf(" (%s: %s)", g.Kind, g.Says)
}
