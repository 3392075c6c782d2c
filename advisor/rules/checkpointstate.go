package rules

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// checkpointFailures are checkpoints that fail one after another.
var checkpointFailures = cause.Rule{
	Name:       "checkpoint-failures",
	Unrecorded: true,
	Category:   cause.Other,
	Judge:      failsAgain,
	Settings:   []string{"execution.checkpointing"},
	Signals:    []string{evidence.SignalCheckpointDuration},
	Why: "After a failure the job goes back to the last checkpoint that completed: the older it is, the more is read again, " +
		"and transactional sinks show nothing meanwhile.",
	Change: "Repair the named cause first. If checkpoints expire, look at what holds the barriers or the upload, and raise " +
		"execution.checkpointing.timeout only until that is done. If storage refuses, check its rights and its space. " +
		"execution.checkpointing.tolerable-failed-checkpoints decides after how many the job restarts.",
	TradeOffs: "A longer timeout hides a slow checkpoint; tolerated failures make the replay after a crash longer.",
	Reference: docsFlink + "dev/datastream/fault-tolerance/checkpointing/",
}

// manyFailures in a row are more than one bad moment.
const manyFailures = 2

func failsAgain(f *cause.Facts, _ int) (cause.Verdict, bool) {
	c := f.Bundle.Checkpoints
	if c == nil || c.FailedInARow == nil || *c.FailedInARow < manyFailures {
		return cause.Verdict{}, false
	}
	title := fmt.Sprintf("The last %d checkpoints failed", *c.FailedInARow)
	id := f.Book.Metric("checkpoints failed in a row", float64(*c.FailedInARow), "checkpoints", title)
	v := cause.Verdict{
		Severity: episode.Critical, Confidence: cause.SureOfMetrics, Evidence: []string{id}, Title: title,
	}
	if c.LastFailure != "" {
		v.Why = "Flink says of the last one: " + evidence.Clean(c.LastFailure, evidence.MaxSubject) + "."
	}
	return v, true
}

// checkpointTimeout are checkpoints that nearly expire.
var checkpointTimeout = cause.Rule{
	Name:       "checkpoint-timeout",
	Unrecorded: true,
	Category:   cause.CheckpointUpload,
	Judge:      nearlyExpires,
	Settings:   []string{"execution.checkpointing"},
	Signals:    []string{evidence.SignalCheckpointDuration},
	Why:        "A checkpoint that takes longer than the timeout is thrown away, with all that it has written.",
	Change: "Find which part is long: alignment (backpressure), the synchronous part, or the upload (state that grows). Until " +
		"that is repaired raise execution.checkpointing.timeout.",
	TradeOffs: "With a longer timeout a checkpoint that is stuck is noticed later.",
	Reference: docsFlink + "ops/monitoring/checkpoint_monitoring/",
}

// nearTimeout is the part of the timeout from which a checkpoint nearly expires.
const nearTimeout = 0.7

func nearlyExpires(f *cause.Facts, _ int) (cause.Verdict, bool) {
	c := f.Bundle.Checkpoints
	if c == nil || c.Timeout == nil || c.DurationMax == nil || *c.Timeout <= 0 || *c.DurationMax < nearTimeout**c.Timeout {
		return cause.Verdict{}, false
	}
	title := fmt.Sprintf("The longest checkpoint took %.4g s, and the timeout is %.4g s", *c.DurationMax, *c.Timeout)
	id := f.Book.Metric("longest checkpoint", *c.DurationMax, "seconds", title)
	return cause.Verdict{
		Severity: episode.Warning, Confidence: cause.SureOfMetrics, Evidence: []string{id}, Title: title,
	}, true
}

// fullCheckpoints write all state each time, although the backend can write what has changed.
var fullCheckpoints = cause.Rule{
	Name:       "full-checkpoints",
	Unrecorded: true,
	Category:   cause.CheckpointUpload,
	Judge:      writesAll,
	Settings:   []string{"incremental", "state.backend"},
	Why:        "Each checkpoint writes the whole state, and most of it is the same as before.",
	Change: "Set execution.checkpointing.incremental: true (before Flink 1.20 state.backend.incremental). RocksDB and ForSt " +
		"then write only new files.",
	TradeOffs: "A restore reads several checkpoints' files and may take longer; files of old checkpoints stay until no newer " +
		"one needs them.",
	Reference: docsFlink + "ops/state/large_state_tuning/#incremental-checkpoints",
}

// largeState in bytes is where a full checkpoint takes seconds on usual storage.
const largeState = 512 << 20

func writesAll(f *cause.Facts, _ int) (cause.Verdict, bool) {
	c := f.Bundle.Checkpoints
	backend := setting(f.Bundle, "state.backend.type", "state.backend")
	off := setting(f.Bundle, "execution.checkpointing.incremental", "state.backend.incremental") != "true"
	if c == nil || c.State == nil || c.Written == nil || *c.State < largeState || *c.Written < 0.9**c.State ||
		!off || backend != "rocksdb" && backend != "forst" {
		return cause.Verdict{}, false
	}
	title := fmt.Sprintf("Each checkpoint writes all %s of state, because incremental checkpoints are off",
		evidence.Quantity(*c.State, "bytes"))
	id := f.Book.Metric("written by a checkpoint", *c.Written, "bytes", fmt.Sprintf(
		"a checkpoint writes %s of %s of state", evidence.Quantity(*c.Written, "bytes"), evidence.Quantity(*c.State, "bytes")))
	return cause.Verdict{
		Severity: episode.Warning, Confidence: cause.SureOfMetrics, Evidence: []string{id}, Title: title,
	}, true
}
