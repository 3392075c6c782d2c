package rules

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/advisor/limit"
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

// skewed judges the subtask that limits the job. An even spread gives each the mean: so the gain is at
// most the greatest load over the mean.
func skewed(source bool) func(f *cause.Facts, i int) (cause.Verdict, bool) {
	return func(f *cause.Facts, i int) (cause.Verdict, bool) {
		v, known := f.Bundle.Vertex(f.Bundle.Bottleneck)
		isSource := strings.HasPrefix(v.Name, "Source: ")
		load, by, hot := f.Load.Hot()
		if !known || !hot || isSource != source || isSource && by == limit.ByWaiting {
			return cause.Verdict{}, false // nothing waits for a source
		}
		name, skew := evidence.CleanOr(v.Name, v.ID), load.Skew()
		says := fmt.Sprintf("the busiest subtask of %s is %.1f times as busy as the mean", name, skew)
		id := f.Share("share lost to skew", 1-1/skew, says)
		verdict := cause.Verdict{
			Impact: f.Rules[i].Removable.Impact(1-1/skew, 1-1/skew), Confidence: cause.SureOfMetrics,
			Evidence: append([]string{id}, f.Cited...),
			Title:    fmt.Sprintf("One subtask of %s is %.1f times as busy as the mean", name, skew),
			Why:      "The job is as fast as its busiest subtask while the others idle.",
		}
		if by != limit.ByMetrics {
			verdict.Confidence, verdict.Why = cause.SureOfHints, verdict.Why+" "+hiddenBy(by, load)
		}
		f.CapByNext(&verdict)
		return verdict, true
	}
}

// hiddenBy says what shows that a subtask limits which has time left by the metrics.
func hiddenBy(by limit.Shown, load limit.Load) string {
	if by == limit.ByGraph {
		return fmt.Sprintf("Its flame graph shows that subtask at work about %s of the time; Flink's busy time is a mean "+
			"over a minute, and is lower where the load began in it.", evidence.Percent(load.Most))
	}
	return "Another vertex waits for it, although its busy time of the last minute leaves time over: it was not under " +
		"load for all of that minute."
}
