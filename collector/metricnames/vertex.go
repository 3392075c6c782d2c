package metricnames

// Names of metrics of a task, in milliseconds per second.
const (
	BusyTime          = "busyTimeMsPerSecond"
	IdleTime          = "idleTimeMsPerSecond"
	BackpressuredTime = "backPressuredTimeMsPerSecond"
)

// Endings of metrics of a source operator, after the operator's name.
const (
	PendingRecords = ".pendingRecords"
	RecordsIn      = ".numRecordsIn"
	RecordsOut     = ".numRecordsOut"
	RecordsInRate  = ".numRecordsInPerSecond"
	RecordsOutRate = ".numRecordsOutPerSecond"
	SourcePrefix   = "Source__"
)

// TaskTimes are the shares of time of a task, which add up to a second.
func TaskTimes() []string { return []string{BusyTime, IdleTime, BackpressuredTime} }
