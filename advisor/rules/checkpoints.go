package rules

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

var checkpointSync = cause.Rule{
	Name:     "checkpoint-sync",
	Category: cause.CheckpointInterval,
	// The synchronous part of a checkpoint runs in the task thread.
	Frames: cause.Pattern{
		"org.apache.flink.streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.*",
	},
	Removable: cause.Rarer(1.5, 5),
	RestsOn:   cause.Ground{Kind: cause.Calculated, Says: "an interval 1.5 to 5 times as long"},
	Judge:     cause.CostsCPU,
	Settings:  []string{"execution.checkpointing", "state.backend"},
	What:      "the synchronous part of checkpoints",
	Why:       "While a task takes its snapshot it processes no record.",
	Change: "Checkpoint less often, keep less in operator state and heap state, and use RocksDB with incremental " +
		"checkpoints for large state.",
	TradeOffs: "A longer interval means more to replay after a failure, and more latency for transactional sinks.",
	Reference: docsFlink + "ops/state/large_state_tuning/",
}

var checkpointPause = cause.Rule{
	Name:      "checkpoint-pause",
	Category:  cause.CheckpointInterval,
	Removable: cause.Rarer(1.5, 5),
	RestsOn:   cause.Ground{Kind: cause.Calculated, Says: "an interval 1.5 to 5 times as long"},
	Judge:     ofInterval("synchronous part", func(c *evidence.Checkpoints) *float64 { return c.Sync }),
	Settings:  []string{"execution.checkpointing"},
	Signals:   []string{evidence.SignalCheckpointDuration},
	Why:       "During the synchronous part a task processes no record.",
	Change: "Checkpoint less often, and use incremental checkpoints with RocksDB so that the synchronous part " +
		"doesn't grow with state.",
	TradeOffs: "A longer interval means more to replay after a failure.",
	Reference: docsFlink + "ops/state/large_state_tuning/",
}

var alignment = cause.Rule{
	Name:      "alignment",
	Category:  cause.CheckpointAlignment,
	Removable: cause.Span{Low: 0.5, High: 0.95},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "Barriers overtake the buffered records; the time until the alignment timeout stays.",
	},
	Judge:    aligns,
	Settings: []string{"execution.checkpointing", "buffer-debloat"},
	Signals:  []string{evidence.SignalCheckpointDuration},
	Why: "Barriers wait behind buffered records, and channels that were faster stand still until the others have " +
		"caught up.",
	Change: "Remove the backpressure first. Else set taskmanager.network.memory.buffer-debloat.enabled: true, or " +
		"execution.checkpointing.unaligned.enabled: true (in older versions execution.checkpointing.unaligned) with an " +
		"execution.checkpointing.aligned-checkpoint-timeout.",
	TradeOffs: "Unaligned checkpoints are larger and take longer to restore.",
	Reference: docsFlink + "ops/state/checkpointing_under_backpressure/",
}

var upload = cause.Rule{
	Name:     "upload",
	Category: cause.CheckpointUpload,
	Judge:    uploadsLong,
	Settings: []string{"execution.checkpointing", "incremental", "transfer.thread"},
	Signals:  []string{evidence.SignalCheckpointDuration},
	Why:      "It runs beside the job, but a checkpoint that isn't over when the next is due delays it.",
	Change: "Use incremental checkpoints, more transfer threads " +
		"(state.backend.rocksdb.checkpoint.transfer.thread.num), a nearer or faster store, or a longer interval.",
	TradeOffs: "Incremental checkpoints take longer to restore; more threads compete with tasks for network and " +
		"CPU.",
	Reference: docsFlink + "ops/state/large_state_tuning/",
}

var checkpointWork = cause.Rule{
	Name:     "checkpoint-work",
	Category: cause.CheckpointInterval,
	Judge:    writesMuch,
	Settings: []string{"execution.checkpointing", "state.backend"},
	Signals:  []string{evidence.SignalCheckpointDuration},
	Why:      "Writing a checkpoint runs beside the tasks, on the same processors.",
	Change: "Make execution.checkpointing.interval longer, set execution.checkpointing.min-pause so that the tasks " +
		"have time between two checkpoints, and set execution.checkpointing.incremental: true (before Flink 1.20 " +
		"state.backend.incremental) for large state in RocksDB.",
	TradeOffs: "A longer interval means more to replay after a failure, and more latency for transactional sinks.",
	Reference: docsFlink + "dev/datastream/fault-tolerance/checkpointing/",
}

// checkpointFiles is a checkpoint that is written in very small pieces.
var checkpointFiles = cause.Rule{
	Name:     "checkpoint-files",
	Category: cause.CheckpointUpload,
	Judge:    writesPieces,
	Settings: []string{"execution.checkpointing", "state.storage"},
	Signals:  []string{evidence.SignalCheckpointDuration},
	Why:      "Most of the time of a snapshot goes into calls of the file system, because each writes little.",
	Change: "Set execution.checkpointing.write-buffer-size (before Flink 1.20 state.storage.fs.write-buffer-size) to its " +
		"default of 4096 bytes or more, execution.checkpointing.data-inline-threshold (state.storage.fs.memory-threshold) to " +
		"20 kb or more so that small state makes no files, and check that the job does not set them lower in its code.",
	TradeOffs: "A larger threshold makes the metadata of a checkpoint larger, which the JobManager holds in memory.",
	Reference: docsFlink + "deployment/config/#checkpoints-and-state-backends",
}

// writesPieces judges the snapshots of which most samples are in calls that write files.
func writesPieces(f *cause.Facts, _ int) (cause.Verdict, bool) {
	k, _ := f.CPU.Beside(cause.AsyncCheckpoints)
	files, n := f.CPU.Beside(cause.CheckpointFiles)
	if float64(files) < muchCheckpointing*float64(n) || files < cause.MinSamples || 2*files < k {
		return cause.Verdict{}, false
	}
	share := float64(files) / float64(n)
	id := f.Book.Metric("file writes in CPU samples of checkpoints", share, "ratio", fmt.Sprintf(
		"%d of %d CPU samples of asynchronous parts of checkpoints are in calls that write files", files, k))
	v := cause.Verdict{
		Severity: cause.SeverityOfHint(share), Confidence: cause.SureOfHints, Evidence: []string{id},
		Title: fmt.Sprintf("%s of the process's CPU time goes into writing checkpoints in small pieces", evidence.Percent(share)),
		Why:   fmt.Sprintf("%d of %d samples of the snapshots are in calls that write files.", files, k),
	}
	boundBeside(f, &v, share)
	return v, true
}

// boundBeside bounds the gain of less CPU time of checkpoints, and keeps a warning: they also take
// processors from what the vertex that limits does not need now.
func boundBeside(f *cause.Facts, v *cause.Verdict, share float64) {
	if f.TakesFromLimit(v, share) && v.Severity != episode.Info {
		v.AtLeast = episode.Warning
	}
}

// muchCheckpointing is the share of the CPU samples of a process from which the writing of
// checkpoints is a finding.
const muchCheckpointing = 0.15

// writesMuch judges the asynchronous parts of checkpoints by their share of the CPU time of
// the process. The processors may have time left: so the least gain is none.
func writesMuch(f *cause.Facts, _ int) (cause.Verdict, bool) {
	k, n := f.CPU.Beside(cause.AsyncCheckpoints)
	if _, pieces := writesPieces(f, 0); pieces {
		return cause.Verdict{}, false // that finding is about these samples
	}
	if !cause.Significant(k, n) || float64(k) < muchCheckpointing*float64(n) {
		return cause.Verdict{}, false
	}
	share := float64(k) / float64(n)
	id := f.Book.Metric("checkpoint share of CPU samples", share, "ratio", fmt.Sprintf(
		"%d of %d CPU samples of the process (%s) are of asynchronous parts of checkpoints", k, n, evidence.Percent(share)))
	v := cause.Verdict{
		Severity: cause.SeverityOfHint(share), Confidence: cause.SureOfHints, Evidence: []string{id},
		Title: fmt.Sprintf("%s of the process's CPU time goes into writing checkpoints", evidence.Percent(share)),
	}
	if c := f.Bundle.Checkpoints; c != nil && c.Interval > 0 && c.Duration != nil {
		v.Why = fmt.Sprintf("A checkpoint takes %.3g s and the interval is %.3g s.", *c.Duration, c.Interval)
	}
	boundBeside(f, &v, share)
	return v, true
}

// aligns judges alignment. A vertex that is busy all the time works while its barriers wait: then
// alignment follows from the backpressure and costs no throughput.
func aligns(f *cause.Facts, i int) (cause.Verdict, bool) {
	v, fires := ofInterval("alignment", func(c *evidence.Checkpoints) *float64 { return c.Alignment })(f, i)
	if c := f.Bundle.Checkpoints; c != nil && c.Unaligned != nil && *c.Unaligned {
		v.Change = "Unaligned checkpoints are on already: remove the backpressure, and check " +
			"execution.checkpointing.aligned-checkpoint-timeout, which lets a checkpoint begin aligned."
	}
	if on := f.Bundle.Config["taskmanager.network.memory.buffer-debloat.enabled"]; on == "true" && v.Change == "" {
		v.Change = "Buffers are debloated already: remove the backpressure, or set execution.checkpointing.unaligned.enabled: true " +
			"(in older versions execution.checkpointing.unaligned) with an execution.checkpointing.aligned-checkpoint-timeout."
	}
	limit, known := f.Bundle.Vertex(f.Bundle.Bottleneck)
	if !fires || !known || limit.Busy == nil || *limit.Busy < 1-cause.MinShare {
		return v, fires
	}
	v.Impact, v.Severity = nil, episode.Info
	v.Why += fmt.Sprintf(" %s is busy %s of the time, so it works meanwhile: the alignment makes checkpoints late, and "+
		"less work for that vertex shortens it.", f.Limit(), evidence.Percent(*limit.Busy))
	return v, true
}

// ofInterval judges a part of checkpointing that delays records, by its share of the
// time between checkpoints.
func ofInterval(name string, part func(*evidence.Checkpoints) *float64) func(f *cause.Facts,
	i int) (cause.Verdict, bool) {
	return func(f *cause.Facts, i int) (cause.Verdict, bool) {
		c := f.Bundle.Checkpoints
		if c == nil || c.Interval <= 0 || part(c) == nil || overlaps(c) {
			return cause.Verdict{}, false
		}
		share := min(*part(c)/c.Interval, 1)
		if share < cause.MinShare {
			return cause.Verdict{}, false
		}
		id := f.Share("checkpoint "+name, share, fmt.Sprintf("%s takes %.2f s of the %.4g s between checkpoints "+
			"(%s)", name, *part(c), c.Interval, evidence.Percent(share)))
		return cause.Verdict{
			Impact: f.Rules[i].Removable.Impact(share, share), Confidence: cause.SureOfMetrics, Evidence: []string{id},
			Title: fmt.Sprintf("%s takes %s of the time between checkpoints", strings.ToUpper(name[:1])+name[1:],
				evidence.Percent(share)),
			Why: fmt.Sprintf("It lasts %.2f s and comes every %.4g s.", *part(c), c.Interval),
		}, true
	}
}

// uploadsLong judges the asynchronous part. It slows down nothing until a checkpoint is
// still running when the next one is due.
func uploadsLong(f *cause.Facts, _ int) (cause.Verdict, bool) {
	c := f.Bundle.Checkpoints
	if c == nil || c.Interval <= 0 || c.Async == nil || *c.Async < longUpload*c.Interval || overlaps(c) {
		return cause.Verdict{}, false
	}
	share := *c.Async / c.Interval
	severity := episode.Warning
	if share >= 1 {
		severity = episode.Critical
	}
	id := f.Book.Metric("checkpoint upload", *c.Async, "seconds",
		fmt.Sprintf("the asynchronous part of a checkpoint takes %.4g s of the %.4g s between checkpoints",
			*c.Async, c.Interval))
	return cause.Verdict{
		Severity: severity, Confidence: cause.SureOfMetrics, Evidence: []string{id},
		Title: fmt.Sprintf("Uploading a checkpoint takes %.1f s of the %.4g s between two", *c.Async, c.Interval),
		Why:   "When it takes longer than that, checkpoints are late and a failure replays more.",
	}, true
}

// longUpload is the part of the interval from which an upload is a finding.
const longUpload = 0.5
