package snapshot

import (
	"time"
)

// Failure is what made a job restart, or end.
type Failure struct {
	// At is by the JobManager's clock.
	At time.Time
	// Class is the Java class of the cause, empty if unknown, and Cause the line
	// that says what went wrong, of at most 500 characters.
	Class, Cause string
	// Task is the subtask that failed, empty if the job failed as a whole;
	// TaskManager is the id of the process it ran on, or its address.
	Task, TaskManager string
}
