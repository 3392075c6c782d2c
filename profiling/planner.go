package profiling

import (
	"context"
	"errors"
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

// planner selects what to profile because of an alert: which process, in which modes, and
// whether it may be profiled now.
type planner struct {
	cfg      Config
	clusters Clusters
	budget   *Budget
	paused   func() bool
}

// selectTarget returns the process that is most relevant to an alert, with the modes to
// profile it in, and takes both out of the budget. The error says why no process is
// profiled; it is counted.
func (p *planner) selectTarget(ctx context.Context, alert episode.Alert) (episode.Target, error) {
	c, err := p.clusters.Profiled(alert.Cluster)
	if err != nil {
		return episode.Target{}, fmt.Errorf("profiling: %w", err)
	}
	if err := c.Await(ctx); err != nil {
		return episode.Target{}, fmt.Errorf("profiling: cannot choose a process yet: %w", err)
	}
	if err := p.allowed(alert); err != nil {
		return episode.Target{}, err
	}
	state := c.State()
	target, err := chooseProcess(ctx, c.Profiler, state, alert)
	if refusal, named := errors.AsType[*profiler.Error](err); named {
		c.Profiler.CountSkipped(p.cfg.Modes[0], refusal.Outcome)
	}
	if err != nil {
		return target, err
	}
	target.Job = alert.Job
	modes := p.chooseModes(ctx, c, state, alert, &target)
	if p.cfg.Control {
		addControl(state, &target)
	}
	switch {
	case len(modes) == 0:
		c.Profiler.CountSkipped(flame.Wall, profiler.HeldBack)
		return episode.Target{}, &profiler.Error{Outcome: profiler.HeldBack, Process: target.Process, Mode: flame.Wall}
	case alert.Asked():
		return target, nil // a person's request does not count against the budget
	}
	if err := p.spend(state, alert, &target); err != nil {
		refusal, _ := errors.AsType[*profiler.Error](err)
		for _, mode := range modes {
			c.Profiler.CountSkipped(mode, refusal.Outcome)
		}
		return episode.Target{}, err
	}
	return target, nil
}

var errPaused = errors.New("profiling: profiling is paused (sidecar resume profiling)")

// allowed returns why no process may be profiled because of this alert.
func (p *planner) allowed(alert episode.Alert) error {
	switch {
	case p.paused():
		return errPaused
	case !p.cfg.OnAlert && !alert.Asked():
		return errors.New("profiling: no profiles are taken on alerts (set profiling.on_alert: true)")
	}
	return nil
}

// spend takes the target's profiles out of the budget, if no guard refuses them. The rest
// of the day's budget goes to the target before its control.
func (p *planner) spend(state snapshot.State, alert episode.Alert, target *episode.Target) error {
	if job, known := state.Job(alert.Job); known {
		if refusal := guard(job); refusal != nil {
			return refusal
		}
	}
	key := budgetKey(jobOf(*target), target.Vertex)
	err := p.budget.Spend(key, profilesOf(*target))
	if refusal, refused := errors.AsType[*profiler.Error](err); refused && refusal.Outcome == profiler.OverBudget &&
		target.Control != "" {
		target.Control = ""
		target.Why += "; control skipped: daily budget used"
		return p.budget.Spend(key, profilesOf(*target))
	}
	return err
}

// restore counts what earlier processes of the sidecar took out of the budget: the
// planned profiles of each automatic episode.
func (p *planner) restore(recent []episode.Episode) {
	for _, ep := range recent {
		if ep.Target == nil || ep.Alert.Asked() {
			continue
		}
		target := *ep.Target
		if len(target.Modes) == 0 {
			for _, mode := range p.cfg.Modes {
				target.Modes = append(target.Modes, string(mode))
			}
		}
		for range profilesOf(target) {
			p.budget.Restore(budgetKey(ep.Alert.JobRef(), ep.Target.Vertex), ep.Opened)
		}
	}
}

// profilesOf is how many profiles a target costs.
func profilesOf(target episode.Target) int {
	if target.Control != "" {
		return len(target.Modes) + 1
	}
	return len(target.Modes)
}

func jobOf(t episode.Target) episode.JobRef { return episode.JobRef{Cluster: t.Cluster, Job: t.Job} }

func budgetKey(job episode.JobRef, vertex string) string {
	return job.Cluster + "/" + job.Job + "/" + vertex
}

// chooseProcess picks the process: the one that the alert names, or the TaskManager of
// the busiest subtask of the vertex that limits the job.
func chooseProcess(
	ctx context.Context, client *profiler.Profiler, state snapshot.State, alert episode.Alert,
) (episode.Target, error) {
	if alert.Process != "" {
		return namedProcess(state, alert.Process)
	}
	job, known := state.Job(alert.Job)
	switch {
	case !known || !job.Known:
		return episode.Target{}, fmt.Errorf("profiling: job %q is unknown (see the state of Flink on the page)",
			alert.Job)
	case job.State != flink.JobRunning:
		return episode.Target{}, &profiler.Error{Outcome: profiler.NotRunning, Process: job.Name, Cause: "it is " + job.State}
	}
	vertex, why, err := chooseVertex(job, alert.Vertex)
	if err != nil {
		return episode.Target{}, err
	}
	busiest, err := busiestSubtask(ctx, client.Flink, job, vertex)
	if err != nil {
		return episode.Target{}, err
	}
	return episode.Target{
		Cluster: state.Cluster.Name, JobID: job.ID, Vertex: vertex.ID, VertexName: vertex.Name,
		Process: busiest.TaskManager, Why: why + describeSubtask(busiest),
	}, nil
}

// Hottest returns the TaskManager that runs the busiest subtask of the vertex that
// limits a job.
func Hottest(ctx context.Context, flink profiler.Flink, job snapshot.Job) (process string, err error) {
	vertex, _, err := chooseVertex(job, "")
	if err != nil {
		return "", err
	}
	busiest, err := busiestSubtask(ctx, flink, job, vertex)
	return busiest.TaskManager, err
}

// namedProcess is the process that an alert names, if the cluster has it.
func namedProcess(state snapshot.State, process string) (episode.Target, error) {
	if !state.HasProcess(process) {
		return episode.Target{}, fmt.Errorf("profiling: there is no TaskManager %q "+
			"(the label process must be a TaskManager's id, or jobmanager)", process)
	}
	return episode.Target{Cluster: state.Cluster.Name, Process: process, Why: "the alert is about this process"}, nil
}

// chooseVertex is the vertex to profile, and why: the one that the alert names, or the
// busiest one.
func chooseVertex(job snapshot.Job, named string) (snapshot.Vertex, string, error) {
	if named != "" {
		v, ok := job.Vertex(named)
		if !ok {
			return v, "", fmt.Errorf("profiling: job %q has no vertex %q (GET /api/v1/status lists them)", job.Name,
				named)
		}
		return v, "the alert names " + v.Name, nil
	}
	v, ok := job.Busiest()
	if !ok {
		return v, "", fmt.Errorf("profiling: the busy vertex of job %q is not known yet (try again after a minute)",
			job.Name)
	}
	busy := fmt.Sprintf("(busy %.0f %% of the time)", 100*v.Busy.Mean)
	if v.ID == job.BottleneckID {
		return v, v.Name + " limits the job " + busy, nil
	}
	return v, v.Name + " is the busiest vertex " + busy + "; none is known to limit the job", nil
}

// busiestSubtask is the busiest of a vertex's running subtasks.
func busiestSubtask(ctx context.Context, flink profiler.Flink, job snapshot.Job, vertex snapshot.Vertex) (profiler.Subtask, error) {
	subtasks, err := profiler.Subtasks(ctx, flink, job.ID, vertex.ID)
	if err != nil {
		return profiler.Subtask{}, err
	}
	busiest, ok := profiler.Busiest(subtasks)
	if !ok {
		return profiler.Subtask{}, fmt.Errorf("profiling: no subtask of %s runs (try again when one runs)", vertex.Name)
	}
	return busiest, nil
}

func describeSubtask(s profiler.Subtask) string {
	if s.Busy == nil {
		return fmt.Sprintf("; its subtask %d runs there", s.Index)
	}
	return fmt.Sprintf("; its busiest subtask, %d (%.0f %%), runs there", s.Index, 100**s.Busy)
}
