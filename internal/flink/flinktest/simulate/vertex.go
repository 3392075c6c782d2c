package simulate

import "time"

// Signal is a value that changes with the time since the job began.
type Signal func(since time.Duration) float64

// Steady is a signal that does not change.
func Steady(value float64) Signal { return func(time.Duration) float64 { return value } }

// From changes a signal from one value to another at a moment.
func From(before float64, at time.Duration, after float64) Signal {
	return func(since time.Duration) float64 {
		if since < at {
			return before
		}
		return after
	}
}

// Vertex describes a vertex. It must not change while the job runs.
type Vertex struct {
	// ID has 32 hexadecimal digits, like Flink's.
	ID, Name    string
	Parallelism int
	// PerRecord is the time in seconds that a subtask needs for one record.
	PerRecord float64
	// Inputs are the edges that lead here; a source has none.
	Inputs []Edge
	// Skew is the part of the input that each subtask gets, of a sum of 1; nil is even.
	Skew []float64
	// Buffer is how many records fit into the input of a subtask; 0 is 100, or what the
	// subtask can process in three steps.
	Buffer float64
	// Arrivals are the records per second that arrive outside a source.
	Arrivals Signal
	// Backlog is the number of records that wait outside a source at the beginning.
	Backlog float64
	// ReadsAtMost is how many records per second a source reads at most, by a quota of the brokers.
	// The rest of the time is idle. 0 is no bound.
	ReadsAtMost float64
	// HidesPending is true for a source that does not report what waits outside.
	HidesPending bool
	// Legacy is true for a source whose share of busy time Flink reports as NaN.
	Legacy bool
	// Stalled is above 0 while no subtask makes progress: a call does not return. The
	// time counts as busy.
	Stalled Signal
	// Waits is the part of PerRecord in which a subtask waits for an answer. It counts as
	// idle if it is asynchronous, and as busy if not.
	Waits        float64
	Asynchronous bool
	// Finished are the subtasks that end after Ends.
	Finished int
	Ends     time.Duration
}

// Edge leads from the vertex with an id. Selectivity is how many records it carries for
// each record that the vertex processes; 0 is 1.
type Edge struct {
	From        string
	Selectivity float64
}

func (e Edge) selectivity() float64 {
	if e.Selectivity == 0 {
		return 1
	}
	return e.Selectivity
}

// Source reports whether nothing leads to the vertex.
func (v Vertex) Source() bool { return len(v.Inputs) == 0 }

// share is the part of the input that a subtask gets.
func (v Vertex) share(subtask int) float64 {
	if v.Skew != nil {
		return v.Skew[subtask]
	}
	return 1 / float64(v.Parallelism)
}

// largestShare is the part of the subtask that gets most.
func (v Vertex) largestShare() float64 {
	largest := 0.0
	for i := range v.Parallelism {
		largest = max(largest, v.share(i))
	}
	return largest
}

// Capacity is how many records per second the vertex can process: spread evenly over its
// subtasks, and spread as they are. It leaves out the quota.
func (v Vertex) Capacity() (even, spread float64) {
	return float64(v.Parallelism) / v.PerRecord, 1 / (v.PerRecord * v.largestShare())
}

func (v Vertex) stalled(since time.Duration) bool { return v.Stalled != nil && v.Stalled(since) > 0 }

func (v Vertex) buffer() float64 {
	if v.Buffer == 0 {
		return max(100, 3*Step.Seconds()/v.PerRecord)
	}
	return v.Buffer
}
