package rules

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

var sourceSkew = cause.Rule{
	Name:      "source-skew",
	Category:  cause.SourceParallelism,
	Removable: cause.Span{Low: 0.4, High: 1},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "An even spread removes all that the skew costs; often some partitions stay larger.",
	},
	Judge: skewed(true),
	Why:   "Some partitions carry more than others, or there are fewer partitions than subtasks.",
	Change: "Spread the producer's keys, add partitions in a multiple of the parallelism, or rebalance() " +
		"directly behind the source.",
	TradeOffs: "More partitions change which key goes where; rebalance() gives up the order within a partition.",
	Reference: docsFlink + "connectors/datastream/kafka/",
}

var keySkew = cause.Rule{
	Name:      "key-skew",
	Category:  cause.HotKey,
	Removable: cause.Span{Low: 0.4, High: 1},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "An even spread removes all that the skew costs; the second step of the aggregation costs a part.",
	},
	Judge: skewed(false),
	Why:   "A few keys carry most records, and a key's records all go to one subtask.",
	Change: "Aggregate before the shuffle (local-global), add a salt to hot keys and combine in a second step, " +
		"or handle the hottest keys apart.",
	TradeOffs: "Two steps mean more state and a result that is complete a little later.",
	Reference: docsFlink + "dev/table/tuning/",
}

// The ratio of the busiest subtask to the mean, and its busy fraction, from which skew
// is a finding.
const (
	muchSkew     = 1.5
	skewFromBusy = 0.7
)

func skewed(source bool) func(f *cause.Facts, i int) (cause.Verdict, bool) {
	return func(f *cause.Facts, i int) (cause.Verdict, bool) {
		v, ok := f.Bundle.Vertex(f.Bundle.Bottleneck)
		if !ok || v.Busy == nil || v.BusyMax == nil || *v.Busy <= 0 || strings.HasPrefix(v.Name, "Source: ") != source {
			return cause.Verdict{}, false
		}
		skew := *v.BusyMax / *v.Busy
		if skew < muchSkew || *v.BusyMax < skewFromBusy {
			return cause.Verdict{}, false
		}
		id := f.Share("share lost to skew", 1-1/skew, fmt.Sprintf("the busiest subtask of %s is %.1f times as "+
			"busy as the mean", evidence.CleanOr(v.Name, v.ID), skew))
		impact := f.Rules[i].Removable.Impact(1-1/skew, 1-1/skew)
		return cause.Verdict{
			Impact: impact, Confidence: cause.SureOfMetrics, Evidence: append([]string{id}, f.Cited...),
			Title: fmt.Sprintf("One subtask of %s is %.1f times as busy as the mean", evidence.CleanOr(v.Name,
				v.ID), skew),
			Why: "The job is as fast as its busiest subtask while the others idle.",
		}, true
	}
}
