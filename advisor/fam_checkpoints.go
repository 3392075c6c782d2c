package advisor

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

var checkpointSync = rule{
	name:     "checkpoint-sync",
	category: CheckpointInterval,
	// The synchronous part of a checkpoint runs in the task thread.
	frames: pattern{
		"org.apache.flink.streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.*",
	},
	removable: span{low: 0.3, high: 0.8},
	judge:     costsCPU,
	settings:  []string{"execution.checkpointing", "state.backend"},
	what:      "the synchronous part of checkpoints",
	why:       "While a task takes its snapshot it processes no record.",
	change: "Checkpoint less often, keep less in operator state and heap state, and use RocksDB with incremental " +
		"checkpoints for large state.",
	tradeOffs: "A longer interval means more to replay after a failure, and more latency for transactional sinks.",
}

var checkpointPause = rule{
	name:      "checkpoint-pause",
	category:  CheckpointInterval,
	removable: span{low: 0.3, high: 0.8},
	judge:     ofInterval("synchronous part", func(c *Checkpoints) *float64 { return c.Sync }),
	settings:  []string{"execution.checkpointing"},
	why:       "During the synchronous part a task processes no record.",
	change: "Checkpoint less often, and use incremental checkpoints with RocksDB so that the synchronous part " +
		"doesn't grow with state.",
	tradeOffs: "A longer interval means more to replay after a failure.",
}

var alignment = rule{
	name:      "alignment",
	category:  CheckpointAlignment,
	removable: span{low: 0.5, high: 0.95},
	judge:     ofInterval("alignment", func(c *Checkpoints) *float64 { return c.Alignment }),
	settings:  []string{"execution.checkpointing", "buffer-debloat"},
	why: "Barriers wait behind buffered records, and channels that were faster stand still until the others have " +
		"caught up.",
	change: "Remove the backpressure first; enable buffer debloating, or unaligned checkpoints with an alignment " +
		"timeout.",
	tradeOffs: "Unaligned checkpoints are larger and take longer to restore.",
}

var upload = rule{
	name:     "upload",
	category: CheckpointUpload,
	judge:    uploadsLong,
	settings: []string{"execution.checkpointing", "incremental", "transfer.thread"},
	why:      "It runs beside the job, but a checkpoint that isn't over when the next is due delays it.",
	change: "Use incremental checkpoints, more transfer threads " +
		"(state.backend.rocksdb.checkpoint.transfer.thread.num), a nearer or faster store, or a longer interval.",
	tradeOffs: "Incremental checkpoints take longer to restore; more threads compete with tasks for network and " +
		"CPU.",
}

// ofInterval judges a part of checkpointing that holds records up by its share
// of the time between checkpoints.
func ofInterval(name string, part func(*Checkpoints) *float64) func(f *facts, i int) (verdict, bool) {
	return func(f *facts, i int) (verdict, bool) {
		c := f.bundle.Checkpoints
		if c == nil || c.Interval <= 0 || part(c) == nil {
			return verdict{}, false
		}
		share := min(*part(c)/c.Interval, 1)
		if share < minShare {
			return verdict{}, false
		}
		id := f.share("checkpoint "+name, share, fmt.Sprintf("%s takes %.2f s of the %.4g s between checkpoints (%s)", name, *part(c), c.Interval, percent(share)))
		return verdict{
			impact: f.rules[i].removable.impact(share, share), confidence: sureOfMetrics, evidence: []string{id},
			title: fmt.Sprintf("%s takes %s of the time between checkpoints", strings.ToUpper(name[:1])+name[1:], percent(share)),
			why:   fmt.Sprintf("It lasts %.2f s and comes every %.4g s.", *part(c), c.Interval),
		}, true
	}
}

// uploadsLong judges the asynchronous part, which slows nothing down until a
// checkpoint is not over when the next one is due.
func uploadsLong(f *facts, _ int) (verdict, bool) {
	c := f.bundle.Checkpoints
	if c == nil || c.Interval <= 0 || c.Async == nil || *c.Async < longUpload*c.Interval {
		return verdict{}, false
	}
	share := *c.Async / c.Interval
	severity := episode.Warning
	if share >= 1 {
		severity = episode.Critical
	}
	id := f.book.metric("checkpoint upload", *c.Async, "seconds",
		fmt.Sprintf("the asynchronous part of a checkpoint takes %.4g s of the %.4g s between checkpoints", *c.Async, c.Interval))
	return verdict{
		severity: severity, confidence: sureOfMetrics, evidence: []string{id},
		title: fmt.Sprintf("Uploading a checkpoint takes %.1f s of the %.4g s between two", *c.Async, c.Interval),
		why:   "When it takes longer than that, checkpoints are late and a failure replays more.",
	}, true
}

// longUpload is the part of the interval from which an upload is worth a word.
const longUpload = 0.5
