package snapshot

// Lifecycle is the state of a job as a whole. A nil pointer is an unknown value, or one
// that this version of Flink does not give.
type Lifecycle struct {
	// Uptime is for how many seconds the job has run without interruption.
	Uptime *float64
	// Downtime is for how many seconds the job has not run; 0 while it does.
	Downtime *float64
	// Restarts and Rescales count those of this run.
	Restarts, Rescales *float64
	// Tasks counts the subtasks of all vertices by their state; nil if unknown.
	Tasks map[string]int
	// LastFailure is the cause of the last restart or of the end; nil if no failure is
	// known.
	LastFailure *Failure
	// Plan is how the job takes checkpoints; nil if it is unknown, or takes none.
	Plan *CheckpointPlan
}
