package snapshot

import (
	"time"
)

// Failure is the cause of a job's restart or end.
type Failure struct {
	// At is the time of the failure, by the JobManager's clock.
	At time.Time
	// Class is the Java class of the cause; empty if unknown. Cause is the line of the
	// stack trace with the reason, at most 500 characters.
	Class, Cause string
	// Task is the subtask that failed; empty if the job failed as a whole. TaskManager is
	// the id or the address of the process that ran the subtask.
	Task, TaskManager string
}
