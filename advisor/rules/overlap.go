package rules

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// checkpointOverlap is an interval that is shorter than a checkpoint takes.
var checkpointOverlap = cause.Rule{
	Name:     "checkpoint-overlap",
	Category: cause.CheckpointInterval,
	Judge:    neverRests,
	Settings: []string{"execution.checkpointing"},
	Signals:  []string{evidence.SignalCheckpointDuration},
	Why:      "A checkpoint is always under way: barriers, snapshots and uploads never stop taking time from the records.",
	Change: "Make execution.checkpointing.interval several times as long as a checkpoint takes (one to ten minutes for most " +
		"jobs), and set execution.checkpointing.min-pause so that a slow checkpoint does not lead to the next one at once.",
	TradeOffs: "A longer interval means more to replay after a failure, and more latency for transactional sinks.",
	Reference: docsFlink + "dev/datastream/fault-tolerance/checkpointing/",
}

// shortInterval is in seconds: above it the interval is not what is wrong when checkpoints take
// longer than that.
const shortInterval = 5

// overlaps reports whether checkpoints follow each other without a pause because the interval is
// short. Then their alignment and uploads are consequences.
func overlaps(c *evidence.Checkpoints) bool {
	return c != nil && c.Interval > 0 && c.Interval < shortInterval && c.Duration != nil && *c.Duration >= c.Interval
}

// neverRests judges the interval by what a checkpoint takes.
func neverRests(f *cause.Facts, _ int) (cause.Verdict, bool) {
	c := f.Bundle.Checkpoints
	if !overlaps(c) {
		return cause.Verdict{}, false
	}
	severity := episode.Warning
	if *c.Duration >= 2*c.Interval {
		severity = episode.Critical
	}
	says := fmt.Sprintf("a checkpoint takes %.3g s and the interval is %.3g s", *c.Duration, c.Interval)
	id := f.Book.Metric("checkpoint duration", *c.Duration, "seconds", says)
	v := cause.Verdict{
		Severity: severity, Confidence: cause.SureOfMetrics, Evidence: []string{id},
		Title: strings.ToUpper(says[:1]) + says[1:],
	}
	boundOverlap(f, &v)
	return v, true
}

// boundOverlap bounds what checkpoints without a pause can cost: the synchronous parts, the alignment
// as far as the limiting subtask is idle at all, and the processor time of the asynchronous parts as
// far as the vertex that limits needs a processor. Each can also cost nothing, because other channels
// and processors go on: so the low end is 0. The gain is unknown if one of the three is.
func boundOverlap(f *cause.Facts, v *cause.Verdict) {
	c, period := f.Bundle.Checkpoints, *f.Bundle.Checkpoints.Duration
	k, n := f.CPU.Beside(cause.AsyncCheckpoints)
	part, measured := f.Works()
	if c.Sync == nil || c.Alignment == nil || n == 0 || !measured {
		return
	}
	pause, waits := *c.Sync/period, min(*c.Alignment/period, f.Load.Idle())
	beside := part * float64(k) / float64(n)
	share := min(pause+waits+beside, 1)
	id := f.Share("share lost to checkpoints at most", share, fmt.Sprintf("of the time of a subtask of %s, checkpoints "+
		"take at most %s: %s in synchronous parts, %s in alignment while it is idle, %s for processors", f.Limit(),
		evidence.Percent(share), evidence.Percent(pause), evidence.Percent(waits), evidence.Percent(beside)))
	v.Evidence = append(v.Evidence, id, f.Waited.ID())
	v.Impact = &episode.Impact{HighPercent: cause.Round(cause.Gain(share))}
	v.AtLeast = episode.Warning // they also delay what transactional sinks commit
	v.Why = fmt.Sprintf("They take at most %s of the time of a subtask of %s.", evidence.Percent(share), f.Limit())
}
