package collector

type lifeFamilies struct {
	uptime, downtime, restarts, rescales, inState, ofState *Family
	tasks, exceptions, lastFailure                         *Family
}

func newLifeFamilies() lifeFamilies {
	return lifeFamilies{
		uptime:      gauge("flink_job_uptime_seconds", "How long the job has run without interruption. Flink: job metric uptime, in milliseconds.", "job"),
		downtime:    gauge("flink_job_downtime_seconds", "How long the job has been down, 0 while it runs. Flink: job metric downtime, in milliseconds.", "job"),
		restarts:    counter("flink_job_restarts_total", "Restarts of the present run. Flink: job metric numRestarts.", "job"),
		rescales:    counter("flink_job_rescales_total", "Changes of parallelism of the present run; Flink 2 and later. Flink: job metric numRescales.", "job"),
		inState:     gauge("flink_job_state_time_seconds", "How long the job has been in a state by now, 0 for those it is not in. Flink: job metrics createdTime, initializingTime, deployingTime, runningTime, restartingTime, failingTime and cancellingTime, in milliseconds.", "job", "state"),
		ofState:     counter("flink_job_state_seconds_total", "Time the job has spent in a state, where Flink's metrics.job.status.enable holds TOTAL_TIME. Flink: job metrics runningTimeTotal and the like, in milliseconds.", "job", "state"),
		tasks:       gauge("flink_job_tasks", "Subtasks of all vertices by their state. Flink: /jobs/:jobid vertices tasks.", "job", "state"),
		exceptions:  counter("flink_job_exceptions_total", "Exceptions of the present run, since the sidecar looks at it, by the class of their cause; at most 20 classes, the rest is other. Flink: /jobs/:jobid/exceptions, which remembers sixteen.", "job", "class"),
		lastFailure: gauge("flink_job_last_failure_time_seconds", "When the first exception of the last restart came, in Unix time of the JobManager. Flink: /jobs/:jobid/exceptions timestamp.", "job"),
	}
}

func (l lifeFamilies) all() []*Family {
	return []*Family{
		l.uptime, l.downtime, l.restarts, l.rescales, l.inState, l.ofState,
		l.tasks, l.exceptions, l.lastFailure,
	}
}

// render puts on the page how a job that lives fares.
func (l lifeFamilies) render(p *page, job string, life Life) {
	p.want(l.uptime, life.Uptime, job)
	p.want(l.restarts, life.Restarts, job)
	p.maybe(l.downtime, life.Downtime, job)
	p.maybe(l.rescales, life.Rescales, job)
	for state, seconds := range life.inState {
		p.add(l.inState, seconds, job, state)
	}
	for state, seconds := range life.ofState {
		p.add(l.ofState, seconds, job, state)
	}
	if life.Tasks == nil {
		p.want(l.tasks, nil, job, "")
	}
	for state, n := range life.Tasks {
		p.add(l.tasks, float64(n), job, state)
	}
	if life.exceptions == nil && life.failuresRead {
		p.want(l.exceptions, nil, job, "")
	}
}

// renderFailures puts on the page what a job failed of, also of one that ended.
func (l lifeFamilies) renderFailures(p *page, job string, life Life) {
	for class, n := range life.exceptions {
		p.add(l.exceptions, n, job, class)
	}
	if life.LastFailure != nil {
		p.add(l.lastFailure, seconds(life.LastFailure.At), job)
	}
}
