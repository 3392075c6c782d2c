package exposition

import "github.com/flink-sidecar/flink-sidecar/collector/metricnames"

type lifeFamilies struct {
	uptime, downtime, restarts, rescales, inState, ofState *metricnames.Family
	tasks, exceptions, lastFailure, firstFailure           *metricnames.Family
}

func newLifeFamilies() lifeFamilies {
	return lifeFamilies{
		uptime: metricnames.Gauge("flink_job_uptime_seconds",
			"Time since the job started or restarted. Flink: job metric uptime, in milliseconds.", "job"),
		downtime: metricnames.Gauge("flink_job_downtime_seconds", "Time since the job stopped running; 0 while "+
			"it runs. Flink: job metric downtime, in milliseconds.", "job"),
		restarts: metricnames.Counter("flink_job_restarts_total",
			"Restarts of the present run. Flink: job metric numRestarts.", "job"),
		rescales: metricnames.Counter("flink_job_rescales_total",
			"Changes of parallelism of the present run; Flink 2 and later. Flink: job metric numRescales.", "job"),
		inState: metricnames.Gauge("flink_job_state_time_seconds", "Time that the job has been in its present "+
			"state; 0 for the other states. Flink: job metrics createdTime, initializingTime, deployingTime, "+
			"runningTime, restartingTime, failingTime and cancellingTime, in milliseconds.", "job", "state"),
		ofState: metricnames.Counter("flink_job_state_seconds_total", "Total time that the job has spent in a "+
			"state; only if Flink's metrics.job.status.enable contains TOTAL_TIME. Flink: job metrics "+
			"runningTimeTotal and the like, in milliseconds.", "job", "state"),
		tasks: metricnames.Gauge("flink_job_tasks",
			"Subtasks of all vertices by their state. Flink: /jobs/:jobid vertices tasks.", "job", "state"),
		exceptions: metricnames.Counter("flink_job_exceptions_total", "Exceptions of the present run since the "+
			"sidecar first saw it, by the class of their cause; at most 20 classes, the others count as other. "+
			"Flink: /jobs/:jobid/exceptions, which remembers sixteen.", "job", "class"),
		lastFailure: metricnames.Gauge("flink_job_last_failure_time_seconds", "Time of the exception that led to "+
			"the last restart or to the end, in Unix time of the JobManager. Flink: /jobs/:jobid/exceptions timestamp.", "job"),
		firstFailure: metricnames.Gauge("flink_job_first_failure_time_seconds", "Time of the exception that the "+
			"present series of restarts began with, by the class of its cause, in Unix time of the JobManager: after it "+
			"the job did not run as a whole. Flink: /jobs/:jobid/exceptions timestamp.", "job", "class"),
	}
}

func (l lifeFamilies) all() []*metricnames.Family {
	return []*metricnames.Family{
		l.uptime, l.downtime, l.restarts, l.rescales, l.inState, l.ofState,
		l.tasks, l.exceptions, l.lastFailure, l.firstFailure,
	}
}

// render puts the lifecycle of a live job on the page.
func (l lifeFamilies) render(p *Page, j Job) {
	p.want(l.uptime, j.Uptime, j.Name)
	p.want(l.restarts, j.Restarts, j.Name)
	p.maybe(l.downtime, j.Downtime, j.Name)
	p.maybe(l.rescales, j.Rescales, j.Name)
	for state, seconds := range j.InState {
		p.Add(l.inState, seconds, j.Name, state)
	}
	for state, seconds := range j.OfState {
		p.Add(l.ofState, seconds, j.Name, state)
	}
	if j.Tasks == nil {
		p.want(l.tasks, nil, j.Name, "")
	}
	for state, n := range j.Tasks {
		p.Add(l.tasks, float64(n), j.Name, state)
	}
	if j.Exceptions == nil && j.FailuresRead {
		p.want(l.exceptions, nil, j.Name, "")
	}
}

// renderFailures puts the failures of a job on the page, also of one that has ended.
func (l lifeFamilies) renderFailures(p *Page, j Job) {
	for class, n := range j.Exceptions {
		p.Add(l.exceptions, n, j.Name, class)
	}
	if j.LastFailure != nil {
		p.Add(l.lastFailure, seconds(j.LastFailure.At), j.Name)
	}
	if j.FirstFailure != nil {
		p.Add(l.firstFailure, seconds(j.FirstFailure.At), j.Name, j.FirstFailure.Class)
	}
}
