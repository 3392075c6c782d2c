package rules

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// OwnCode is the name of the rule about code that is slow for no known cause.
const OwnCode = "own-code"

var ownCode = cause.Rule{
	Name:      OwnCode,
	Category:  cause.Other,
	Removable: cause.Span{Low: 0.1, High: 0.5},
	RestsOn:   cause.Ground{Kind: cause.Assumed, Says: "Nothing is known about the code but its share."},
	Judge:     judgeOwnCode,
	Why:       "No known pattern is behind it.",
	Change: "Look at its loops and at what it computes again for each record: precompute in open(), keep results " +
		"in state, choose a data structure that fits the question.",
	TradeOffs: "Measure the change by itself: intuition about hot code is often wrong.",
	Reference: docsFlink + "ops/debugging/profiler/",
}

// muchOwn is the share from which one method of user code is a finding.
const muchOwn = 0.2

// judgeOwnCode judges stacks that no other rule matches: a method of user code that
// takes much time, directly or through libraries.
func judgeOwnCode(f *cause.Facts, i int) (cause.Verdict, bool) {
	if f.Basis == nil {
		return cause.Verdict{}, false
	}
	own := f.Basis.MostOwn()
	k, n := own.Samples, f.Basis.Busy
	share, atLeast := float64(k)/float64(n), cause.AtLeastShare(k, n)
	if k < cause.MinSamples || share < muchOwn {
		return cause.Verdict{}, false
	}
	if _, boxes := boxesMost(f, own.Name); boxes {
		return cause.Verdict{}, false // the finding about boxing is about this method
	}
	name, top := cause.FrameName(own.Name), cause.FrameName(own.Top)
	id := f.Frame(f.Basis, own.Name, fmt.Sprintf("%d of %d samples of task threads at work (%s) are in %s or in libraries "+
		"it calls", k, n, evidence.Percent(share), name))
	f.BoundBy(id, f.OfCPU(share))
	v := cause.Verdict{
		Impact: f.OnCPU(f.Rules[i].Removable, atLeast, share), Confidence: cause.SureOfHints,
		Evidence: append([]string{id}, f.Cited...),
		Title:    fmt.Sprintf("%s of the CPU time of %s is spent in %s and in what it calls", evidence.Percent(share), f.Whose(), name),
		Why:      fmt.Sprintf("%s is on top of %d of these %d samples.", top, own.OnTop, k),
	}
	if own.Top == own.Name {
		v.Why = fmt.Sprintf("In %d of these %d samples the method itself is on top.", own.OnTop, k)
	}
	return v, true
}
