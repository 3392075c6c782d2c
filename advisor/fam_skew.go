package advisor

import (
	"fmt"
	"strings"
)

var sourceSkew = rule{
	name:      "source-skew",
	category:  SourceParallelism,
	removable: span{low: 0.4, high: 1},
	judge:     skewed(true),
	why:       "Some partitions carry more than others, or there are fewer partitions than subtasks.",
	change: "Spread the producer's keys, add partitions in a multiple of the parallelism, or rebalance() " +
		"directly behind the source.",
	tradeOffs: "More partitions change which key goes where; rebalance() gives up the order within a partition.",
}

var keySkew = rule{
	name:      "key-skew",
	category:  HotKey,
	removable: span{low: 0.4, high: 1},
	judge:     skewed(false),
	why:       "A few keys carry most records, and a key's records all go to one subtask.",
	change: "Aggregate before the shuffle (local-global), add a salt to hot keys and combine in a second step, " +
		"or handle the hottest keys apart.",
	tradeOffs: "Two steps mean more state and a result that is complete a little later.",
}

// From which ratio of the busiest subtask to the mean, and how busy, skew is
// worth a word.
const (
	muchSkew     = 1.5
	skewFromBusy = 0.7
)

func skewed(source bool) func(f *facts, i int) (verdict, bool) {
	return func(f *facts, i int) (verdict, bool) {
		v, ok := f.bundle.vertex(f.bundle.Bottleneck)
		if !ok || v.Busy == nil || v.BusyMax == nil || *v.Busy <= 0 || strings.HasPrefix(v.Name, "Source: ") != source {
			return verdict{}, false
		}
		skew := *v.BusyMax / *v.Busy
		if skew < muchSkew || *v.BusyMax < skewFromBusy {
			return verdict{}, false
		}
		id := f.share("share lost to skew", 1-1/skew, fmt.Sprintf("the busiest subtask of %s is %.1f times as busy as the mean", cleanOr(v.Name, v.ID), skew))
		impact := f.rules[i].removable.impact(1-1/skew, 1-1/skew)
		return verdict{
			impact: impact, confidence: sureOfMetrics, evidence: append([]string{id}, f.cited...),
			title: fmt.Sprintf("One subtask of %s is %.1f times as busy as the mean", cleanOr(v.Name, v.ID), skew),
			why:   "The job is as fast as its busiest subtask while the others idle.",
		}, true
	}
}
