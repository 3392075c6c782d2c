package advisor

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

var ownCode = rule{
	name:      "own-code",
	category:  Other,
	removable: span{low: 0.1, high: 0.5},
	judge:     judgeOwnCode,
	why:       "No known pattern is behind it, so it is the method's own work.",
	change: "Look at its loops and at what it computes again for each record: precompute in open(), keep results " +
		"in state, choose a data structure that fits the question.",
	tradeOffs: "Measure the change by itself: intuition about hot code is often wrong.",
}

// muchOwn is the share from which one method of the user's is worth a word.
const muchOwn = 0.2

// judgeOwnCode judges what no other rule knows: a method of the user's own in which
// much time goes, by itself or through libraries.
func judgeOwnCode(f *facts, i int) (verdict, bool) {
	if f.basis == nil {
		return verdict{}, false
	}
	name := most(f.basis.own)
	k, n := f.basis.own[name], f.basis.busy
	share, atLeast := float64(k)/float64(n), atLeastShare(k, n)
	if k < minSamples || share < muchOwn {
		return verdict{}, false
	}
	id := f.book.add(episode.Evidence{
		Kind: kindFrame, Subject: name, Value: &share, Unit: "ratio",
		Text: fmt.Sprintf("%d of %d samples of task threads at work (%s) are in %s or in libraries it calls", k, n, percent(share), frameName(name)),
	})
	f.bounds[id] = bound{rule: -1, share: share * f.busy * f.running}
	scale := f.busy * f.running
	return verdict{
		impact: f.rules[i].removable.impact(atLeast*scale, share*scale), confidence: sureOfHints, evidence: append([]string{id}, f.cited...),
		title: fmt.Sprintf("%s of task time is spent in %s itself", percent(share), frameName(name)),
		why:   fmt.Sprintf("%d of %d samples end there.", k, n),
	}, true
}
