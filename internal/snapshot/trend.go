package snapshot

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// Trend is what a rule says of one signal at one moment.
type Trend struct {
	Rule   string
	Signal Signal
	Labels Labels
	Unit   Unit
	// Samples is how many points the line goes through.
	Samples int
	// Level is the line's value at the time of the look, Slope its change per
	// second. Both are nil when there is no line.
	Level, Slope *float64
	// SlopeLow is the lower edge of the slope's interval; nil unless the slope is
	// significant.
	SlopeLow *float64
	// Limit is the value not to be passed; nil when it isn't known.
	Limit *float64
	// Breach is when the line will pass the limit, in seconds from the look; nil
	// when nothing points there.
	Breach *stat.Breach
	// Firing says whether the rule fires, and Since when.
	Firing bool
	Since  time.Time
	// Summary is the trend in a sentence; empty when there is no breach in sight.
	Summary string
	// Unknown says why nothing can be said; nil when something can.
	Unknown error
}

// Signal is something that is measured again and again.
type Signal string

// The signals that rules are about.
const (
	// CheckpointDuration is the end-to-end duration of a completed checkpoint in
	// seconds, at the time it completed.
	CheckpointDuration Signal = "checkpoint-duration"
	// CheckpointSize is the full size of a completed checkpoint in bytes, at the
	// time it completed. (What an incremental one added says nothing of growth.)
	CheckpointSize Signal = "checkpoint-size"
	// HeapUsed is the used heap of one JVM in bytes; its Max is the heap's limit.
	HeapUsed Signal = "heap-used"
)

// Labels say whose signal it is. Empty ones don't apply.
type Labels struct {
	Cluster string
	Job     string // the job's name
	Vertex  string // the vertex's id
	Process string // "jobmanager" or the id of a TaskManager
}

// Unit is what a signal is measured in. It says how it is written.
type Unit string

// The units.
const (
	Seconds Unit = "seconds"
	Bytes   Unit = "bytes"
)
