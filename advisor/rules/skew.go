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

var slowSubtask = cause.Rule{
	Name:       "slow-subtask",
	Unrecorded: true,
	Category:   cause.Other,
	Removable:  cause.Span{Low: 0.4, High: 1},
	RestsOn:    cause.Ground{Kind: cause.Assumed, Says: "A machine like the others removes all that the slow one costs."},
	Judge:      takesLonger,
	Settings:   []string{"cluster.evenly-spread-out-slots", "taskmanager.load-balance.mode"},
	Why: "It gets hardly more records than the others and needs longer for each. Its machine is slower or shared, or its " +
		"records or its state are larger.",
	Change: "Compare the CPU load of the TaskManager of this subtask and of its machine with the others, and move it if they " +
		"differ. If they are alike, compare the sizes of records and of state between the subtasks.",
	TradeOffs: "None.",
	Reference: docsFlink + "ops/monitoring/back_pressure/",
}

// takesLonger judges a hot subtask that does not get more records.
func takesLonger(f *cause.Facts, i int) (cause.Verdict, bool) {
	v, load, by, hot := hotSubtask(f)
	if !hot || !evenRecords(v, load) {
		return cause.Verdict{}, false
	}
	verdict := costOfSkew(f, i, v, load, by)
	id := f.Book.Metric("records of the busiest subtask", *v.HotRecords, "ratio", fmt.Sprintf(
		"the busiest subtask of %s receives %.1f times as many records as the mean", evidence.CleanOr(v.Name, v.ID), *v.HotRecords))
	verdict.Evidence = append(verdict.Evidence, id)
	verdict.Title += fmt.Sprintf(", with %.1f times as many records", *v.HotRecords)
	return verdict, true
}

// evenRecords reports whether the busiest subtask is known to receive too few records to explain
// half of what it is busier than the mean.
func evenRecords(v evidence.Vertex, load limit.Load) bool {
	return v.HotRecords != nil && *v.HotRecords < 1+(load.Skew()-1)/2
}

// skewed judges the subtask that limits the job because it gets most records.
func skewed(source bool) func(f *cause.Facts, i int) (cause.Verdict, bool) {
	return func(f *cause.Facts, i int) (cause.Verdict, bool) {
		v, load, by, hot := hotSubtask(f)
		if !hot || isSource(v) != source || evenRecords(v, load) {
			return cause.Verdict{}, false
		}
		verdict := costOfSkew(f, i, v, load, by)
		if !source {
			spreadOfRecords(&verdict, v, load)
		}
		return verdict, true
	}
}

func isSource(v evidence.Vertex) bool { return strings.HasPrefix(v.Name, "Source: ") }

// hotSubtask is the bottleneck of which one subtask limits the job. Nothing waits for a source.
func hotSubtask(f *cause.Facts) (v evidence.Vertex, load limit.Load, by limit.Shown, hot bool) {
	v, known := f.Bundle.Vertex(f.Bundle.Bottleneck)
	load, by, hot = f.Load.Hot()
	return v, load, by, known && hot && (!isSource(v) || by != limit.ByWaiting)
}

// costOfSkew bounds what an even spread gains. It gives each subtask the mean: so the gain is at most
// the greatest load over the mean.
func costOfSkew(f *cause.Facts, i int, v evidence.Vertex, load limit.Load, by limit.Shown) cause.Verdict {
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
	return verdict
}

// groupsExplain is the part of the skew from which the spread of key groups explains it.
const groupsExplain = 0.9

// spreadOfRecords changes a verdict about hot keys where something else than keys is known to give a
// subtask more records.
func spreadOfRecords(verdict *cause.Verdict, v evidence.Vertex, load limit.Load) {
	name := evidence.CleanOr(v.Name, v.ID)
	groups := v.KeyGroupSkew()
	switch {
	case v.Keyed != nil && !*v.Keyed:
		verdict.Why = "No key binds a record to a subtask: the vertex before it, or a partitioner, gives this one more."
		verdict.Change = fmt.Sprintf("Put rebalance() before %s, or repair the partitioner.", name)
		verdict.TradeOffs = "rebalance() gives up the order of records of one subtask before it."
	case groups >= limit.MuchSkew && groups >= groupsExplain*load.Skew():
		verdict.Why = fmt.Sprintf("The maximum parallelism is %d, so %d subtasks share %d key groups: the busiest have %.1f times "+
			"as many as the mean.", v.MaxParallelism, v.Parallelism, v.MaxParallelism, groups)
		verdict.Change = fmt.Sprintf("Choose a parallelism that divides %d. Another maximum parallelism (pipeline.max-parallelism) "+
			"needs a start without the old state.", v.MaxParallelism)
		verdict.TradeOffs = "Fewer subtasks leave less reserve where the keys do not spread better."
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
