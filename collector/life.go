package collector

import (
	"cmp"
	"context"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// readJobMetrics returns the job's uptime in seconds as the metric store has
// it, nil if unknown.
func (p *poll) readJobMetrics(ctx context.Context, job *jobRead, r *run) (uptime *float64) {
	metrics, err := p.client.JobMetrics(ctx, job.ID, metricnames.JobNames())
	p.note(err)
	if p.frozen {
		return nil
	}
	job.takeMetrics(metrics)
	if differ(r.restarts, job.Restarts) || differ(r.rescales, job.Rescales) {
		clear(r.vertices) // other attempts may have other names
		r.cpu.Forget()
		r.restarted = p.now
	}
	r.restarts, r.rescales = cmp.Or(job.Restarts, r.restarts), cmp.Or(job.Rescales, r.rescales)
	return metricnames.To(metricnames.MillisPerSecond, metricnames.Pick(metrics, metricnames.JobUptime))
}

// differ reports whether both are known and not the same.
func differ(a, b *float64) bool { return a != nil && b != nil && *a != *b }

// takeMetrics takes over the values of a job's metrics.
func (j *jobRead) takeMetrics(metrics flink.Values) {
	j.Uptime = metricnames.To(metricnames.MillisPerSecond,
		metricnames.NotNegative(metricnames.Pick(metrics, metricnames.JobUptime)))
	j.Downtime = metricnames.To(metricnames.MillisPerSecond,
		metricnames.NotNegative(metricnames.Pick(metrics, metricnames.JobDowntime)))
	j.Restarts, j.Rescales = metricnames.Pick(metrics, metricnames.JobRestarts),
		metricnames.Pick(metrics, metricnames.JobRescales)
	j.InState, j.OfState = map[string]float64{}, map[string]float64{}
	for _, t := range metricnames.JobTimes() {
		if ms := metricnames.NotNegative(metricnames.Pick(metrics, t.Name)); ms != nil {
			j.InState[t.State] = *ms / metricnames.MillisPerSecond
		}
		if ms := metricnames.NotNegative(metricnames.Pick(metrics, t.Name+metricnames.InAll)); ms != nil {
			j.OfState[t.State] = *ms / metricnames.MillisPerSecond
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

// tasksOf counts a job's subtasks by state. States that Flink does not define are left
// out.
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
