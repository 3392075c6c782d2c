package profiling

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

// session takes all profiles of one target: its process in each mode, its control, and
// the flame graphs of vertices that Flink samples itself.
type session struct {
	*Service

	cluster  Cluster
	target   episode.Target
	taken    []episode.Profile
	failures []error
}

// run takes the profiles. It stops with errPaused when profiling is paused meanwhile.
func (s *session) run(ctx context.Context) ([]episode.Profile, error) {
	vertices := sampledVertices(s.cluster.State(), s.target)
	for _, vertex := range vertices {
		s.cluster.Profiler.AskVertex(ctx, vertex)
	}
	steps := []func(context.Context) error{
		s.takeModes,
		func(ctx context.Context) error { return s.takeVertices(ctx, vertices) },
		s.takeThreads,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return s.taken, err
		}
	}
	return s.taken, errors.Join(s.failures...)
}

// add records a result and passes it to everything that reads profiles.
func (s *session) add(result profiler.Result, err error) {
	if err != nil {
		s.failures = append(s.failures, err)
		return
	}
	s.trees.keep(result.Profile.Hash, result.Tree)
	s.breakdown.publish(jobOf(s.target), result.Profile, result.Tree)
	if s.push != nil {
		s.push(jobOf(s.target), result.Profile, result.Tree)
	}
	s.taken = append(s.taken, result.Profile)
}

// takeModes profiles the process in each mode, and its control in the first that works.
func (s *session) takeModes(ctx context.Context) error {
	control := s.target.Control
	modes := s.modes() // those that were taken stay in it, so that none is taken twice
	for i := 0; i < len(modes); i++ {
		if s.paused() {
			return errPaused
		}
		result, err := s.takeOne(ctx, s.target.Process, modes[i])
		s.add(result, err)
		if err == nil && control != "" {
			s.add(s.takeOne(ctx, control, modes[i]))
			control = ""
		}
		if other, ok := insteadOf(modes[i], err); ok && !slices.Contains(modes, other) {
			modes = slices.Insert(slices.Clone(modes), i+1, other)
		}
	}
	return nil
}

// modes are those of the target, or all configured ones for a target that an older
// version of the sidecar chose.
func (s *session) modes() []flame.Mode {
	if len(s.target.Modes) == 0 {
		return s.cfg.Modes
	}
	var modes []flame.Mode
	for _, name := range s.target.Modes {
		if mode, err := flame.ParseMode(name); err == nil {
			modes = append(modes, mode)
		}
	}
	return modes
}

// takeVertices collects the flame graphs of vertices: they need no profiler and show
// where tasks wait.
func (s *session) takeVertices(ctx context.Context, vertices []profiler.VertexRef) error {
	for _, vertex := range vertices {
		if s.paused() {
			return errPaused
		}
		result, err := s.cluster.Profiler.TakeVertex(ctx, vertex)
		if errors.Is(err, profiler.ErrNoFlameGraphs) {
			break
		}
		s.add(result, err)
	}
	return nil
}

// takeThreads takes thread dumps where Flink offers nothing better: neither its profiler
// nor flame graphs of vertices.
func (s *session) takeThreads(ctx context.Context) error {
	disabled := func(err error) bool {
		failure, is := errors.AsType[*profiler.Error](err)
		return is && failure.Outcome == profiler.Disabled
	}
	if len(s.taken) > 0 || !slices.ContainsFunc(s.failures, disabled) {
		return nil
	}
	if s.paused() {
		return errPaused
	}
	s.add(s.takeOne(ctx, s.target.Process, flame.Threads))
	return nil
}

// takeOne takes one profile of the target's process or of its control.
func (s *session) takeOne(ctx context.Context, process string, mode flame.Mode) (profiler.Result, error) {
	began := time.Now()
	result, err := s.cluster.Profiler.TakeSince(ctx, process, mode, time.Duration(s.cfg.Duration), s.target.Begun)
	s.follow(process, began, err)
	result.Profile.ThroughputBefore,
		result.Profile.ThroughputDuring = s.overhead.around(jobOf(s.target), began, time.Now())
	switch s.target.Control {
	case "":
	case process:
		result.Profile.Role = episode.Control
	default:
		result.Profile.Role = episode.Hot
	}
	return result, err
}

// follow watches the process of a finished run, or locks its vertex out if the process
// was lost during the run.
func (s *session) follow(process string, began time.Time, err error) {
	w := watched{cluster: s.target.Cluster, process: process, key: budgetKey(jobOf(s.target), s.target.Vertex)}
	failure, failed := errors.AsType[*profiler.Error](err)
	switch {
	case failed && failure.Outcome == profiler.Lost:
		if s.cluster.Poll != nil {
			failure.Ending = ending(s.cluster.State(), s.target.Job, process, began)
		}
		s.losses.lockOut(w)
	case !failed:
		s.losses.watch(w)
		s.overhead.ran(jobOf(s.target), began, time.Now())
	}
}

// insteadOf is the mode that replaces a failed one; ok is false if there is none. CPU
// samples need perf events, which containers mostly deny; ITIMER does not.
func insteadOf(mode flame.Mode, err error) (other flame.Mode, ok bool) {
	failure, failed := errors.AsType[*profiler.Error](err)
	return flame.ITIMER, failed && failure.Outcome == profiler.PerfDenied && mode == flame.CPU
}

// What Flink samples in addition to the target: so many vertices at most, and none that
// is nearly idle.
const (
	maxOthers  = 2
	nearlyIdle = 0.02
)

// sampledVertices are the target's vertex and the busiest others of its job.
func sampledVertices(state snapshot.State, target episode.Target) []profiler.VertexRef {
	if target.Vertex == "" {
		return nil
	}
	var others []snapshot.Vertex
	for _, job := range state.Jobs {
		for _, v := range job.Vertices {
			if job.ID == target.JobID && v.ID != target.Vertex && v.Busy != nil && v.Busy.Mean > nearlyIdle {
				others = append(others, v)
			}
		}
	}
	slices.SortStableFunc(others, func(a, b snapshot.Vertex) int { return cmp.Compare(b.Busy.Mean, a.Busy.Mean) })
	vertices := append([]profiler.VertexRef{{Job: target.JobID, ID: target.Vertex, Name: target.VertexName}},
		unevenSubtasks(state, target)...)
	for _, v := range others[:min(len(others), maxOthers)] {
		vertices = append(vertices, profiler.VertexRef{Job: target.JobID, ID: v.ID, Name: v.Name})
	}
	return vertices
}
