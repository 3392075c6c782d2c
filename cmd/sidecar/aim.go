package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

// treesKept is how many of the latest profiles are held in memory for their
// advice; older ones are read from their files.
const treesKept = 8

// profiles is the loop's Profiler: it chooses the process that says most about a
// job, within the budget.
type profiles struct {
	cfg      profiling.Config
	clusters clusters
	budget   *profiling.Budget
	store    *profiling.Store
	brake    *brake
	cost     *cost
	work     *workMetrics
	// pyroscope is nil unless one is configured.
	pyroscope *profiling.Pyroscope
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
	if err := p.allowed(c, alert); err != nil {
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
	if err := p.afford(c, alert, target, runsOf(target)); err != nil {
		refusal, _ := errors.AsType[*profiling.Error](err)
		for _, mode := range modes {
			c.profiler.CountSkipped(mode, refusal.Outcome)
		}
		return episode.Target{}, err
	}
	return target, nil
}

// afford takes profiles out of the budget, if the job can bear them.
func (p *profiles) afford(c *cluster, alert episode.Alert, target episode.Target, n int) error {
	if job, known := c.Job(alert.Job); known {
		if refusal := spare(job); refusal != nil {
			return refusal
		}
	}
	return p.budget.Spend(budgetKey(jobOf(target), target.Vertex), n)
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
func (p *profiles) allowed(c *cluster, alert episode.Alert) error {
	cluster, known := c.Cluster()
	switch {
	case p.brake.isPaused(api.PartProfiling):
		return errPaused
	case !p.cfg.OnAlert && !alert.Asked():
		return errors.New("profiling: no profiles are taken on alerts (set profiling.on_alert: true)")
	case known && cluster.Version.Known() && !cluster.Version.Profiling():
		return fmt.Errorf("profiling: Flink %s has no profiler (upgrade to Flink 1.19 or later)", cluster.Version)
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
	vertex, why, err := suspect(job, alert.Vertex)
	if err != nil {
		return episode.Target{}, err
	}
	busiest, err := busiestOf(ctx, c.flink, job, vertex)
	if err != nil {
		return episode.Target{}, err
	}
	return episode.Target{
		Cluster: c.Name(), JobID: job.ID, Vertex: vertex.ID, VertexName: vertex.Name, Process: busiest.TaskManager, Why: why + describeSubtask(busiest),
	}, nil
}

// busiestOf is the busiest subtask of a vertex, among those that run.
func busiestOf(ctx context.Context, client *flink.Client, job collector.Job, vertex collector.Vertex) (profiling.Subtask, error) {
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
	return process == profiling.JobManager || slices.ContainsFunc(c.TaskManagers(), func(tm collector.TaskManager) bool { return tm.ID == process })
}

// suspect is the vertex to look at, and why.
func suspect(job collector.Job, named string) (collector.Vertex, string, error) {
	for _, v := range job.Vertices {
		if v.ID == named && named != "" {
			return v, "the alert names " + v.Name, nil
		}
	}
	if named != "" {
		return collector.Vertex{}, "", fmt.Errorf("profiling: job %q has no vertex %q (GET /api/v1/status lists them)", job.Name, named)
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

// Take implements loop.Profiler. Beside the configured modes it takes the flame
// graphs that Flink draws by itself, where it does, of the vertex and of those
// that are next: they cost no profiler, and show where tasks wait.
func (p *profiles) Take(ctx context.Context, target episode.Target) ([]episode.Profile, error) {
	var taken []episode.Profile
	var failures []error
	note := func(result profiling.Result, err error) {
		if err != nil {
			failures = append(failures, err)
			return
		}
		p.keep(result)
		p.work.publish(jobOf(target), result.Profile, result.Tree)
		if p.pyroscope != nil {
			p.pyroscope.Push(jobOf(target), result.Profile, result.Tree)
		}
		taken = append(taken, result.Profile)
	}
	if p.brake.isPaused(api.PartProfiling) {
		return nil, errPaused
	}
	c, err := p.clusters.of(target.Cluster)
	if err != nil {
		return nil, fmt.Errorf("profiling: %w", err)
	}
	vertices := worthSampling(c, target)
	for _, vertex := range vertices {
		c.profiler.AskVertex(ctx, vertex)
	}
	for modes := p.modesOf(target); len(modes) > 0; modes = modes[1:] {
		if p.brake.isPaused(api.PartProfiling) {
			return taken, errPaused
		}
		result, err := p.run(ctx, c, target, target.Process, modes[0])
		note(result, err)
		if err == nil && target.Control != "" {
			note(p.run(ctx, c, target, target.Control, modes[0]))
			target.Control = ""
		}
		if other, ok := insteadOf(modes[0], err); ok && !slices.Contains(modes, other) {
			modes = append(modes[:1:1], append([]flame.Mode{other}, modes[1:]...)...)
		}
	}
	for _, vertex := range vertices {
		if p.brake.isPaused(api.PartProfiling) {
			return taken, errPaused
		}
		result, err := c.profiler.TakeVertex(ctx, vertex)
		if errors.Is(err, profiling.ErrNoFlameGraphs) {
			break
		}
		note(result, err)
	}
	return taken, errors.Join(failures...)
}

// run takes one profile of the target or of its control.
func (p *profiles) run(ctx context.Context, c *cluster, target episode.Target, process string, mode flame.Mode) (profiling.Result, error) {
	began := time.Now()
	result, err := c.profiler.Take(ctx, process, mode, time.Duration(p.cfg.Duration))
	p.lookAfter(target, process, began, err)
	result.Profile.ThroughputBefore, result.Profile.ThroughputDuring = p.cost.around(jobOf(target), began, time.Now())
	switch target.Control {
	case "":
	case process:
		result.Profile.Role = episode.Control
	default:
		result.Profile.Role = episode.Hot
	}
	return result, err
}

// lookAfter watches the process of a run that is over, or leaves its vertex alone if
// the process was lost during the run.
func (p *profiles) lookAfter(target episode.Target, process string, began time.Time, err error) {
	w := watched{cluster: target.Cluster, process: process, key: budgetKey(jobOf(target), target.Vertex)}
	failure, failed := errors.AsType[*profiling.Error](err)
	switch {
	case failed && failure.Outcome == profiling.Lost:
		p.lockOut(w)
	case !failed:
		p.watch(w)
		p.cost.ran(jobOf(target), began, time.Now())
	}
}

// What Flink is asked to sample beside the target: so many vertices at most, and
// none that is nearly idle.
const (
	mostOthers = 2
	nearlyIdle = 0.02
)

// worthSampling is the target's vertex and the busiest others.
func worthSampling(c *cluster, target episode.Target) []profiling.VertexRef {
	if target.Vertex == "" {
		return nil
	}
	var others []collector.Vertex
	for _, job := range c.Jobs() {
		for _, v := range job.Vertices {
			if job.ID == target.JobID && v.ID != target.Vertex && v.Busy != nil && v.Busy.Mean > nearlyIdle {
				others = append(others, v)
			}
		}
	}
	slices.SortStableFunc(others, func(a, b collector.Vertex) int { return cmp.Compare(b.Busy.Mean, a.Busy.Mean) })
	vertices := []profiling.VertexRef{{Job: target.JobID, ID: target.Vertex, Name: target.VertexName}}
	for _, v := range others[:min(len(others), mostOthers)] {
		vertices = append(vertices, profiling.VertexRef{Job: target.JobID, ID: v.ID, Name: v.Name})
	}
	return vertices
}

// keep holds a tree for the advice that follows.
func (p *profiles) keep(result profiling.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.trees[result.Profile.Hash]; !known {
		p.order = append(p.order, result.Profile.Hash)
	}
	p.trees[result.Profile.Hash] = result.Tree
	if len(p.order) > treesKept {
		delete(p.trees, p.order[0])
		p.order = p.order[1:]
	}
}

// tree returns all of a profile.
func (p *profiles) tree(hash string) (*flame.Tree, error) {
	p.mu.Lock()
	tree := p.trees[hash]
	p.mu.Unlock()
	if tree != nil {
		return tree, nil
	}
	return p.store.Tree(hash)
}

// restore counts what earlier processes took out of the budget: the profiles
// that each episode without anyone's asking set out to take.
func (p *profiles) restore(recent []episode.Episode) {
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
		for range runsOf(target) {
			p.budget.Restore(budgetKey(ep.Alert.JobRef(), ep.Target.Vertex), ep.Opened)
		}
	}
}
