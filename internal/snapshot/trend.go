package snapshot

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// Trend is the result of one rule for one signal at one moment.
type Trend struct {
	Rule   string
	Signal Signal
	Labels Labels
	Unit   Unit
	// Samples is the number of samples that the line was fitted to.
	Samples int
	// Level is the line's value at the time of the evaluation, Slope its change per
	// second. Both are nil if there is no line.
	Level, Slope *float64
	// SlopeLow is the lower edge of the slope's interval; nil unless the slope is
	// significant.
	SlopeLow *float64
	// Limit is the value that the signal must not pass; nil if unknown.
	Limit *float64
	// Breach is the time until the line passes the limit, in seconds from the evaluation;
	// nil if no breach is predicted.
	Breach *stat.Breach
	// Firing is true while the rule fires. Since is when it began to fire.
	Firing bool
	Since  time.Time
	// Summary describes the trend in one sentence; empty if no breach is predicted.
	Summary string
	// Unknown is the reason why the trend is unknown; nil if it is known.
	Unknown error
}

// Signal is a value that is measured at every poll.
type Signal string

// The signals that rules evaluate.
const (
	// CheckpointDuration is the end-to-end duration of a completed checkpoint in
	// seconds, at the time it completed.
	CheckpointDuration Signal = "checkpoint-duration"
	// CheckpointSize is the full size of a completed checkpoint in bytes, at the time it
	// completed. (The size of an increment does not show growth.)
	CheckpointSize Signal = "checkpoint-size"
	// HeapUsed is the used heap of one JVM in bytes; its Max is the heap's limit.
	HeapUsed Signal = "heap-used"
)

// Labels identify the source of a signal. Empty labels do not apply.
type Labels struct {
	Cluster string
	Job     string // the job's name
	Vertex  string // the vertex's id
	Process string // "jobmanager" or the id of a TaskManager
}

// Unit is the unit of a signal. It decides how values are formatted.
type Unit string

// The units.
const (
	Seconds Unit = "seconds"
	Bytes   Unit = "bytes"
)
