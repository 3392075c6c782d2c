package metricnames

// jobTime is a state of a job and the metric of its time so far. With the ending InAll
// the metric is the total, if Flink is configured for it.
type jobTime struct{ State, Name string }

// InAll is the ending of the metrics of a state's total time.
const InAll = "Total"

// JobTimes returns the states of a job whose time Flink measures.
func JobTimes() []jobTime {
	return []jobTime{
		{"CREATED", "createdTime"},
		{"INITIALIZING", "initializingTime"},
		{"DEPLOYING", "deployingTime"},
		{"RUNNING", "runningTime"},
		{"RESTARTING", "restartingTime"},
		{"FAILING", "failingTime"},
		{"CANCELLING", "cancellingTime"},
	}
}

// Metrics of a job as a whole. Times are in milliseconds.
const (
	JobUptime   = "uptime"   // -1 while the job does not run
	JobDowntime = "downtime" // -1 once it has ended
	JobRestarts = "numRestarts"
	JobRescales = "numRescales" // since Flink 2
)

// JobNames returns all metrics that are read of one job.
func JobNames() []string {
	names := []string{JobUptime, JobDowntime, JobRestarts, JobRescales}
	for _, t := range JobTimes() {
		names = append(names, t.Name, t.Name+InAll)
	}
	return names
}
