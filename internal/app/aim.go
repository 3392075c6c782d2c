package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/pause"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
	"github.com/flink-sidecar/flink-sidecar/profiling/pyroscope"
)

// treesKept is how many of the latest profiles are held in memory for their
// advice; older ones are read from their files.
const treesKept = 8

// Profiles is the loop's Profiler: it chooses the process that says most about a
// job, within the budget.
type profiles struct {
	cfg      profiling.Config
	clusters clusters
	budget   *profiling.Budget
	store    *pagestore.Store
	history  *history.Store
	brake    *pause.Switches
	cost     *cost
	work     *workMetrics
	// pyroscope is nil unless one is configured.
	pyroscope *pyroscope.Sender
	log       *slog.Logger

	mu      sync.Mutex
	trees   map[string]*flame.Tree // by hash
	order   []string               // hashes, oldest first
	watched []watched
}

// Aim implements loop.Profiler.
func (p *profiles) Aim(ctx context.Context, alert episode.Alert) (episode.Target, error) {
	c, err := p.clusters.of(alert.Cluster)
	if err != nil {
		return episode.Target{}, fmt.Errorf("profiling: %w", err)
	}
	if err := c.Await(ctx); err != nil {
		return episode.Target{}, fmt.Errorf("profiling: whom is not known: %w", err)
	}
	if err := p.allowed(alert); err != nil {
		return episode.Target{}, err
	}
	target, err := choose(ctx, c, alert)
	if refusal, named := errors.AsType[*profiling.Error](err); named {
		c.profiler.CountSkipped(p.cfg.Modes[0], refusal.Outcome)
	}
	if err != nil {
		return target, err
	}
	target.Job = alert.Job
	modes := p.modes(ctx, c, alert, &target)
	p.addControl(c, alert, &target)
	switch {
	case len(modes) == 0:
		c.profiler.CountSkipped(flame.Wall, profiling.HeldBack)
		return episode.Target{}, &profiling.Error{Outcome: profiling.HeldBack, Process: target.Process, Mode: flame.Wall}
	case alert.Asked():
		return target, nil // a person's wish goes past the budget
	}
	if err := p.afford(c, alert, &target); err != nil {
		refusal, _ := errors.AsType[*profiling.Error](err)
		for _, mode := range modes {
			c.profiler.CountSkipped(mode, refusal.Outcome)
		}
		return episode.Target{}, err
	}
	return target, nil
}

// afford takes the target's profiles out of the budget, if the job can bear them. What
// is left of the day goes to the process in question before its control.
func (p *profiles) afford(c *cluster, alert episode.Alert, target *episode.Target) error {
	if job, known := c.Job(alert.Job); known {
		if refusal := spare(job); refusal != nil {
			return refusal
		}
	}
	key := budgetKey(jobOf(*target), target.Vertex)
	err := p.budget.Spend(key, runsOf(*target))
	if refusal, refused := errors.AsType[*profiling.Error](err); refused && refusal.Outcome == profiling.OverBudget && target.Control != "" {
		target.Control = ""
		target.Why += "; but not today, for the budget"
		return p.budget.Spend(key, runsOf(*target))
	}
	return err
}

// runsOf is how many profiles a target costs.
func runsOf(target episode.Target) int {
	if target.Control != "" {
		return len(target.Modes) + 1
	}
	return len(target.Modes)
}

// modes are those to profile the target in, which is told: all that are allowed for
// a person, who will want to see what there is, and else what the symptom asks for.
func (p *profiles) modes(ctx context.Context, c *cluster, alert episode.Alert, target *episode.Target) []flame.Mode {
	modes, held := p.allowedModes(ctx, c)
	if held > 0 {
		target.Why += "; WALL is held back (profiling.allow_wall)"
	}
	if !alert.Asked() {
		var why string
		symptom := profiling.Working
		if job, known := c.Job(alert.Job); known || alert.Process != "" {
			symptom, why = symptomOf(alert, job, target.Vertex)
		}
		modes = symptom.Modes(modes)
		target.Why += why
	}
	for _, mode := range modes {
		target.Modes = append(target.Modes, string(mode))
	}
	return modes
}

func jobOf(t episode.Target) episode.JobRef { return episode.JobRef{Cluster: t.Cluster, Job: t.Job} }

func budgetKey(job episode.JobRef, vertex string) string {
	return job.Cluster + "/" + job.Job + "/" + vertex
}

var errPaused = errors.New("profiling: it is paused (sidecar resume profiling)")

// allowed says why nobody may be profiled now.
func (p *profiles) allowed(alert episode.Alert) error {
	switch {
	case p.brake.IsPaused(api.PartProfiling):
		return errPaused
	case !p.cfg.OnAlert && !alert.Asked():
		return errors.New("profiling: no profiles are taken on alerts (set profiling.on_alert: true)")
	}
	return nil
}

// choose picks the process: the one that the alert is about, or the TaskManager
// of the busiest subtask of the vertex that holds the job back.
func choose(ctx context.Context, c *cluster, alert episode.Alert) (episode.Target, error) {
	if alert.Process != "" {
		return namedProcess(c, alert.Process)
	}
	job, known := c.Job(alert.Job)
	switch {
	case !known || !job.Known:
		return episode.Target{}, fmt.Errorf("profiling: nothing is known of job %q (see the state of Flink on the page)", alert.Job)
	case job.State != flink.JobRunning:
		return episode.Target{}, &profiling.Error{Outcome: profiling.NotRunning, Process: job.Name, Cause: "it is " + job.State}
	}
	vertex, why, err := Suspect(job, alert.Vertex)
	if err != nil {
		return episode.Target{}, err
	}
	busiest, err := BusiestOf(ctx, c.flink, job, vertex)
	if err != nil {
		return episode.Target{}, err
	}
	return episode.Target{
		Cluster: c.Name(), JobID: job.ID, Vertex: vertex.ID, VertexName: vertex.Name, Process: busiest.TaskManager, Why: why + describeSubtask(busiest),
	}, nil
}

// BusiestOf is the busiest subtask of a vertex, among those that run.
func BusiestOf(ctx context.Context, client *flink.Client, job snapshot.Job, vertex snapshot.Vertex) (profiling.Subtask, error) {
	subtasks, err := profiling.Subtasks(ctx, client, job.ID, vertex.ID)
	if err != nil {
		return profiling.Subtask{}, err
	}
	busiest, ok := profiling.Busiest(subtasks)
	if !ok {
		return profiling.Subtask{}, fmt.Errorf("profiling: no subtask of %s runs (ask again when it does)", vertex.Name)
	}
	return busiest, nil
}

// namedProcess is the process that an alert is about, if Flink has it.
func namedProcess(c *cluster, process string) (episode.Target, error) {
	if !c.has(process) {
		return episode.Target{}, fmt.Errorf("profiling: there is no TaskManager %q (the label process must be a TaskManager's id, or jobmanager)", process)
	}
	return episode.Target{Cluster: c.Name(), Process: process, Why: "the alert is about this process"}, nil
}

// has reports whether a process is one of the cluster's.
func (c *cluster) has(process string) bool {
	return process == profiling.JobManager || slices.ContainsFunc(c.TaskManagers(), func(tm snapshot.TaskManager) bool { return tm.ID == process })
}

// Suspect is the vertex to look at, and why.
func Suspect(job snapshot.Job, named string) (snapshot.Vertex, string, error) {
	for _, v := range job.Vertices {
		if v.ID == named && named != "" {
			return v, "the alert names " + v.Name, nil
		}
	}
	if named != "" {
		return snapshot.Vertex{}, "", fmt.Errorf("profiling: job %q has no vertex %q (GET /api/v1/status lists them)", job.Name, named)
	}
	v, ok := job.Bottleneck()
	if !ok {
		return v, "", fmt.Errorf("profiling: which vertex of job %q is busy is not known yet (ask again after a minute)", job.Name)
	}
	return v, fmt.Sprintf("%s holds the job back (busy %.0f %% of the time)", v.Name, 100*v.Busy.Mean), nil
}

func describeSubtask(s profiling.Subtask) string {
	if s.Busy == nil {
		return fmt.Sprintf("; its subtask %d runs there", s.Index)
	}
	return fmt.Sprintf("; its busiest subtask, %d (%.0f %%), runs there", s.Index, 100**s.Busy)
}
