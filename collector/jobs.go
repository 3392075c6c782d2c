package collector

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/bottleneck"
	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/successive"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// run is what is kept of one run of a job from poll to poll.
type run struct {
	vertices map[string]*vertexMetrics // by vertex id
	// cpu turns the CPU time of all TaskManagers into a rate.
	cpu successive.Meter
	// inspection is what is kept of the busiest vertex's subtasks.
	inspection inspection
	// limits follows which vertex limits the job.
	limits bottleneck.Tracker
	// restarted is when a task was last seen to start anew.
	restarted time.Time
	// restarts and rescales are the last known counts.
	restarts, rescales *float64
	failures           failures
	// settings are those of the run; nil until they are read.
	settings *settings
	// connectors are the files of connectors in Flink's class path, without their folder; nil
	// until they are read.
	connectors []string
	// shapes are the TaskManager sizes seen during the run.
	shapes map[string]struct{}
}

// listedJob is a job that Flink listed at an earlier poll.
type listedJob struct {
	summary flink.JobSummary
	at      time.Time
}

// goneFor is how long a job is shown that Flink forgot while it ran.
const goneFor = time.Hour

// readJobs reads all jobs, one per name.
func (p *poll) readJobs(ctx context.Context, summaries []flink.JobSummary, taskManagers []flink.TaskManager) {
	chosen := p.choose(summaries)
	live := map[string]*run{}
	for _, name := range slices.Sorted(maps.Keys(chosen)) {
		summary := chosen[name]
		job := jobRead{Job: exposition.Job{Job: snapshot.Job{
			Name: name, ID: summary.ID, State: summary.State, Known: true, Started: summary.Start.Time(),
		}}}
		if job.Live() || job.State == flink.JobFailed {
			live[job.ID] = p.runOf(job.ID)
		}
		switch {
		case job.Live():
			p.readJob(ctx, &job, live[job.ID], taskManagers)
		case job.State == flink.JobFailed:
			p.readEnd(ctx, &job, &live[job.ID].failures)
		}
		p.found.jobs = append(p.found.jobs, job)
		p.listed[name] = listedJob{summary: summary, at: p.now}
	}
	p.runs = live
	p.addGone(chosen)
}

func (p *poll) runOf(id string) *run {
	if known, ok := p.runs[id]; ok {
		return known
	}
	return &run{
		vertices: map[string]*vertexMetrics{}, shapes: map[string]struct{}{},
		failures: failures{inherited: p.last.taken.IsZero()},
	}
}

// choose picks one run for each name: the live one, and of several live ones the last
// started.
func (p *poll) choose(summaries []flink.JobSummary) map[string]flink.JobSummary {
	chosen := map[string]flink.JobSummary{}
	shadows := map[string]struct{}{}
	for _, summary := range summaries {
		best, taken := chosen[summary.Name]
		if !taken {
			chosen[summary.Name] = summary
			continue
		}
		if better(summary, best) {
			best, summary = summary, best
		}
		chosen[best.Name] = best
		if !summary.Ended() {
			shadows[summary.ID] = struct{}{}
			p.warnShadow(best, summary)
		}
	}
	p.shadows = shadows
	p.self.hidden.Set(float64(len(shadows)))
	return chosen
}

func better(a, b flink.JobSummary) bool {
	if a.Ended() != b.Ended() {
		return b.Ended()
	}
	if a.Start != b.Start {
		return a.Start > b.Start
	}
	return a.ID > b.ID
}

func (p *poll) warnShadow(shown, hidden flink.JobSummary) {
	if _, told := p.shadows[hidden.ID]; !told {
		p.logger.Warn("two running jobs have one name, so only the later started is shown (give them different names)",
			"job", shown.Name, "shown_job_id", shown.ID, "hidden_job_id", hidden.ID)
	}
}

// addGone adds the jobs that ran at an earlier poll and are no longer listed.
func (p *poll) addGone(chosen map[string]flink.JobSummary) {
	for _, name := range slices.Sorted(maps.Keys(p.listed)) {
		before := p.listed[name]
		if _, there := chosen[name]; there {
			continue
		}
		if before.summary.Ended() || p.now.Sub(before.at) > goneFor {
			delete(p.listed, name)
			continue
		}
		p.found.jobs = append(p.found.jobs, jobRead{Job: exposition.Job{Job: snapshot.Job{
			Name: name, ID: before.summary.ID, State: snapshot.Gone, Known: true, Started: before.summary.Start.Time(),
		}}})
	}
	slices.SortFunc(p.found.jobs, func(a, b jobRead) int { return strings.Compare(a.Name, b.Name) })
}

// readJob fills in what Flink says about a live job.
func (p *poll) readJob(ctx context.Context, job *jobRead, r *run, taskManagers []flink.TaskManager) {
	job.Checkpointing = true
	job.setEpoch(p.epochs[job.Name])
	if ctx.Err() != nil {
		return
	}
	details, err := p.client.Job(ctx, job.ID)
	if err != nil {
		p.note(err)
		return
	}
	job.Tasks, job.Now = tasksOf(details), details.Now.Time()
	p.readCheckpoints(ctx, job, details)
	uptime := p.readJobMetrics(ctx, job, r)
	left := newBudget(len(details.Vertices))
	sources := details.Plan.Sources()
	kept := 1 // for the exceptions
	for _, names := range r.vertices {
		kept += min(1, max(0, len(names.batches)-1))
	}
	for _, v := range details.Vertices {
		p.listNames(ctx, job.ID, v.ID, r.metricsOf(v.ID, sources[v.ID]), left, kept)
	}
	if r.settings == nil && left.take(settingsRequests) {
		r.settings = p.readSettings(ctx, job.ID)
	}
	if r.settings != nil && job.Checkpointing {
		job.Plan = &r.settings.checkpoints
	}
	if r.failures.since.IsZero() {
		r.failures.since = details.Now.Time()
	}
	if left.take(1) {
		p.readFailures(ctx, job, details, &r.failures)
	}
	p.readVertices(ctx, job, details, r, uptime, left)
	job.setEpoch(p.epoch(job, details, r, taskManagers))
	// They explain nothing about a trouble, so they come last.
	if r.connectors == nil && job.EpochKey != "" && left.take(1) {
		r.connectors = p.readConnectors(ctx)
	}
	job.Connectors = r.connectors
}

// setEpoch says which epoch the job is in, and since when.
func (j *jobRead) setEpoch(e episode.Epoch) { j.EpochKey, j.EpochBegan = e.Key, e.Began }

// metricsOf returns the metrics of a vertex, new ones at its first call.
func (r *run) metricsOf(vertex string, source bool) *vertexMetrics {
	known, ok := r.vertices[vertex]
	if !ok {
		known = &vertexMetrics{source: source}
		r.vertices[vertex] = known
	}
	return known
}

// budget is how many optional requests a poll may still send for one job. The bound for a
// job and poll is 2 × vertices + 12; six of these go to the cluster, three to the job and
// one to each vertex. The rest is for names, settings, exceptions, and the halves of an
// empty answer. What does not fit waits for a later poll.
type budget struct{ left int }

func newBudget(vertices int) *budget { return &budget{left: vertices + 3} }

// take uses n of the requests left, if there are enough.
func (b *budget) take(n int) bool {
	if b.left < n {
		return false
	}
	b.left -= n
	return true
}
