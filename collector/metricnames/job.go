package metricnames

// jobTime is a state of a job of which Flink tells how long it lasts: under this
// Name how long by now, and with the ending in all, if Flink is configured so.
type jobTime struct{ State, Name string }

const InAll = "Total"

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

func JobNames() []string {
	names := []string{JobUptime, JobDowntime, JobRestarts, JobRescales}
	for _, t := range JobTimes() {
		names = append(names, t.Name, t.Name+InAll)
	}
	return names
}
