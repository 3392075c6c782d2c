package collector

import (
	"cmp"
	"context"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// jobTime is a state of a job of which Flink tells how long it lasts: under this
// name how long by now, and with the ending in all, if Flink is configured so.
type jobTime struct{ state, name string }

const inAll = "Total"

func jobTimes() []jobTime {
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
	jobUptime   = "uptime"   // -1 while the job does not run
	jobDowntime = "downtime" // -1 once it has ended
	jobRestarts = "numRestarts"
	jobRescales = "numRescales" // since Flink 2
)

func jobNames() []string {
	names := []string{jobUptime, jobDowntime, jobRestarts, jobRescales}
	for _, t := range jobTimes() {
		names = append(names, t.name, t.name+inAll)
	}
	return names
}

// readJobMetrics returns the job's uptime in seconds as the metric store has
// it, nil if unknown.
func (p *poll) readJobMetrics(ctx context.Context, job *jobRead, r *run) (uptime *float64) {
	metrics, err := p.client.JobMetrics(ctx, job.ID, jobNames())
	p.note(err)
	if p.frozen {
		return nil
	}
	job.takeMetrics(metrics)
	if differ(r.restarts, job.Restarts) || differ(r.rescales, job.Rescales) {
		clear(r.vertices) // other attempts may have other names
		r.cpu.forget()
	}
	r.restarts, r.rescales = cmp.Or(job.Restarts, r.restarts), cmp.Or(job.Rescales, r.rescales)
	return in(millisPerSecond, pick(metrics, jobUptime))
}

// differ reports whether both are known and not the same.
func differ(a, b *float64) bool { return a != nil && b != nil && *a != *b }

// takeMetrics takes over what the metrics of a job tell.
func (j *jobRead) takeMetrics(metrics flink.Values) {
	j.Uptime = in(millisPerSecond, notNegative(pick(metrics, jobUptime)))
	j.Downtime = in(millisPerSecond, notNegative(pick(metrics, jobDowntime)))
	j.Restarts, j.Rescales = pick(metrics, jobRestarts), pick(metrics, jobRescales)
	j.inState, j.ofState = map[string]float64{}, map[string]float64{}
	for _, t := range jobTimes() {
		if ms := notNegative(pick(metrics, t.name)); ms != nil {
			j.inState[t.state] = *ms / millisPerSecond
		}
		if ms := notNegative(pick(metrics, t.name+inAll)); ms != nil {
			j.ofState[t.state] = *ms / millisPerSecond
		}
	}
}

// taskStates are Flink's ExecutionStates.
func taskStates() []string {
	return []string{
		"CREATED", "SCHEDULED", "DEPLOYING", "INITIALIZING", "RUNNING",
		"FINISHED", "CANCELING", "CANCELED", "FAILED", "RECONCILING",
	}
}

// tasksOf counts a job's subtasks by state. States that are none of Flink's are
// left out.
func tasksOf(details flink.Job) map[string]int {
	counted := map[string]int{}
	for _, state := range taskStates() {
		counted[state] = 0
		for _, v := range details.Vertices {
			counted[state] += v.Tasks[state]
		}
	}
	return counted
}
