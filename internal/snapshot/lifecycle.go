package snapshot

import "time"

// Lifecycle is the state of a job as a whole. A nil pointer is an unknown value, or a value
// that this version of Flink does not provide.
type Lifecycle struct {
	// Uptime is the time that the job has run without interruption, in seconds.
	Uptime *float64
	// Downtime is the time that the job has not run, in seconds; 0 while it runs.
	Downtime *float64
	// Restarts and Rescales count the restarts and rescales of this run.
	Restarts, Rescales *float64
	// Tasks counts the subtasks of all vertices by their state; nil if unknown.
	Tasks map[string]int
	// LastFailure is the cause of the last restart or of the end: the newest of Failures.
	// FirstFailure is the one that the present series of restarts began with: after it the
	// job did not run as a whole. Both are nil if no failure is known.
	LastFailure, FirstFailure *Failure
	// Failures are the failures of this run that each led to a restart or to the end, as
	// far as Flink remembers them, oldest first; at most twenty. Nil if none is known.
	Failures []Failure
	// Now is the JobManager's clock at the poll, for the age of a failure; zero if unknown.
	Now time.Time
	// Plan is the checkpoint configuration; nil if it is unknown or the job takes none.
	Plan *CheckpointPlan
}
