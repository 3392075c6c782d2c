package snapshot

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// Trend is the result of one rule for one signal at one moment. State decides what the other
// fields may say, so that no two of them contradict each other.
type Trend struct {
	Rule   string
	Signal Signal
	Labels Labels
	Unit   Unit
	State  TrendState
	// Until is when State ends if nothing else changes: the settling time, the wait before
	// the rule fires, or the wait before its alert ends. Zero in the other states.
	Until time.Time
	// Samples is the number of samples that the line was fitted to.
	Samples int
	// Level is the value that was measured last; nil without a fresh one. While the trend
	// settles it is shown only: it may be above Limit. AtLeast is true if it is a lower bound,
	// because what it measures is still in progress.
	Level   *float64
	AtLeast bool
	// Slope is the change of the line per second; nil unless it is significant. SlopeLow is
	// the lower edge of its interval; nil unless the slope is significant and above 0.
	Slope, SlopeLow *float64
	// Ahead is where the signal is expected at the rule's horizon, if the line goes on; nil without
	// a Slope.
	Ahead *Ahead
	// Limit is the value that the signal must not pass; nil if unknown. Below is true if the
	// trouble is a value below it: then TrendAbove means below.
	Limit *float64
	Below bool
	// Breach is the time until the signal passes the limit, in seconds from the evaluation:
	// 0 if Level is above the limit and counts; nil if no breach is predicted.
	Breach *stat.Breach
	// Firing is true while the rule fires: in the states TrendFiring and TrendEnding. Since
	// is when it began to fire.
	Firing bool
	Since  time.Time
	// Summary describes the breach in one sentence; empty if none is predicted.
	Summary string
	// Unknown is the reason why the trend is not known; nil if it is. A rule that fires
	// keeps firing meanwhile.
	Unknown error
}

// Ahead is a value that is expected In that time, and the interval that it is expected in: no further
// than the signal can be.
type Ahead struct {
	In               time.Duration
	Low, Value, High float64
}

// TrendState is what is said of a trend. A trend is in one state at a time.
type TrendState string

// The states of a trend.
const (
	TrendUnknown   TrendState = "unknown"   // Trend.Unknown says why
	TrendSettling  TrendState = "settling"  // a run or process has just started; it counts from Until
	TrendFalling   TrendState = "falling"   // below the limit, with a significant slope below 0
	TrendSteady    TrendState = "steady"    // below the limit, without a significant slope
	TrendRising    TrendState = "rising"    // passes the limit later than the rule looks ahead
	TrendPredicted TrendState = "predicted" // passes the limit soon; fires at Until
	TrendAbove     TrendState = "above"     // is above the limit; fires at Until
	TrendFiring    TrendState = "firing"    // fires: passes the limit soon, is above it, or is unknown since
	TrendEnding    TrendState = "ending"    // fires, but does not hold any more; ends at Until
)

// TrendStates lists all states of a trend, the mildest first.
func TrendStates() []TrendState {
	return []TrendState{
		TrendUnknown, TrendSettling, TrendFalling, TrendSteady, TrendRising, TrendPredicted, TrendAbove,
		TrendEnding, TrendFiring,
	}
}

// Signal is a value that is measured at every poll.
type Signal string

// The signals that the application reads itself. alerts/signal has the table of all.
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
	Seconds          Unit = "seconds"
	Bytes            Unit = "bytes"
	Ratio            Unit = "ratio" // 0.5 is 50 %
	Count            Unit = "count"
	Records          Unit = "records"
	RecordsPerSecond Unit = "records per second"
)
