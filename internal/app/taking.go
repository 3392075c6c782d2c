package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

// Take implements loop.Profiler. Beside the target's modes it takes the flame graphs
// that Flink draws by itself, where it does, of the vertex and of those that are next:
// they cost no profiler, and show where tasks wait.
func (p *profiles) Take(ctx context.Context, target episode.Target) ([]episode.Profile, error) {
	if p.brake.IsPaused(api.PartProfiling) {
		return nil, errPaused
	}
	c, err := p.clusters.of(target.Cluster)
	if err != nil {
		return nil, fmt.Errorf("profiling: %w", err)
	}
	yield := harvest{profiles: p, target: target}
	vertices := worthSampling(c, target)
	for _, vertex := range vertices {
		c.profiler.AskVertex(ctx, vertex)
	}
	if p.takeModes(ctx, c, &yield) && p.takeVertices(ctx, c, vertices, &yield) && p.takeThreads(ctx, c, &yield) {
		return yield.taken, errors.Join(yield.failures...)
	}
	return yield.taken, errPaused
}

// harvest is what came of a target so far.
type harvest struct {
	*profiles

	target   episode.Target
	taken    []episode.Profile
	failures []error
}

// add takes over a profile, and shows it to whoever looks at profiles.
func (h *harvest) add(result profiling.Result, err error) {
	if err != nil {
		h.failures = append(h.failures, err)
		return
	}
	h.keep(result)
	h.work.publish(jobOf(h.target), result.Profile, result.Tree)
	if h.pyroscope != nil {
		h.pyroscope.Push(jobOf(h.target), result.Profile, result.Tree)
	}
	h.taken = append(h.taken, result.Profile)
}

// takeModes profiles the process in each mode, and its control in the first. It
// reports whether nobody paused it.
func (p *profiles) takeModes(ctx context.Context, c *cluster, yield *harvest) bool {
	target := yield.target
	for modes := p.modesOf(target); len(modes) > 0; modes = modes[1:] {
		if p.brake.IsPaused(api.PartProfiling) {
			return false
		}
		result, err := p.run(ctx, c, target, target.Process, modes[0])
		yield.add(result, err)
		if err == nil && target.Control != "" {
			yield.add(p.run(ctx, c, target, target.Control, modes[0]))
			target.Control = ""
		}
		if other, ok := insteadOf(modes[0], err); ok && !slices.Contains(modes, other) {
			modes = slices.Insert(slices.Clone(modes), 1, other)
		}
	}
	return true
}

// takeVertices collects the flame graphs of vertices. It reports whether nobody
// paused it.
func (p *profiles) takeVertices(ctx context.Context, c *cluster, vertices []profiling.VertexRef, yield *harvest) bool {
	for _, vertex := range vertices {
		if p.brake.IsPaused(api.PartProfiling) {
			return false
		}
		result, err := c.profiler.TakeVertex(ctx, vertex)
		if errors.Is(err, profiling.ErrNoFlameGraphs) {
			break
		}
		yield.add(result, err)
	}
	return true
}

// takeThreads looks at thread dumps where Flink offers nothing better: neither its
// profiler nor flame graphs of vertices. It reports whether nobody paused it.
func (p *profiles) takeThreads(ctx context.Context, c *cluster, yield *harvest) bool {
	if !yield.nothingOffered() {
		return true
	}
	if p.brake.IsPaused(api.PartProfiling) {
		return false
	}
	yield.add(p.run(ctx, c, yield.target, yield.target.Process, flame.Threads))
	return true
}

// nothingOffered reports whether there is no profile because Flink takes none.
func (h *harvest) nothingOffered() bool {
	disabled := func(err error) bool {
		failure, is := errors.AsType[*profiling.Error](err)
		return is && failure.Outcome == profiling.Disabled
	}
	return len(h.taken) == 0 && slices.ContainsFunc(h.failures, disabled)
}

// Run takes one profile of the target or of its control.
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
	var others []snapshot.Vertex
	for _, job := range c.Jobs() {
		for _, v := range job.Vertices {
			if job.ID == target.JobID && v.ID != target.Vertex && v.Busy != nil && v.Busy.Mean > nearlyIdle {
				others = append(others, v)
			}
		}
	}
	slices.SortStableFunc(others, func(a, b snapshot.Vertex) int { return cmp.Compare(b.Busy.Mean, a.Busy.Mean) })
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

// Tree returns all of a profile.
func (p *profiles) tree(hash string) (*flame.Tree, error) {
	p.mu.Lock()
	tree := p.trees[hash]
	p.mu.Unlock()
	if tree != nil {
		return tree, nil
	}
	return p.store.Tree(hash)
}

// restoreWork shows what the latest profile of each mode in these episodes says of its
// job.
func (p *profiles) restoreWork(recent []episode.Episode) {
	for _, ep := range recent {
		p.restoreWorkOf(ep)
	}
}

func (p *profiles) restoreWorkOf(ep episode.Episode) {
	for _, profile := range ep.Profiles {
		if profile.Role == episode.Control || profile.Mode == string(flame.Vertex) || p.work.has(ep.Alert.JobRef(), profile) {
			continue
		}
		tree, err := p.store.Tree(profile.Hash)
		if err != nil {
			p.log.Info("What an earlier profile says is not shown again", "profile", profile.ID, "err", err)
			continue
		}
		p.work.publish(ep.Alert.JobRef(), profile, tree)
	}
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
