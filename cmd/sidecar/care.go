package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

const (
	// settled is how long a job must have run to be profiled without anyone's asking:
	// before that its code is compiled and its state restored.
	settled = time.Minute
	// stormy is how long after a checkpoint that failed, with none completed since,
	// the job is spared: what it lacks is time.
	stormy = 5 * time.Minute
	// suspicious is how soon after a run the loss of its process counts as the run's
	// doing.
	suspicious = time.Minute
)

// spare says why a job is not profiled now unless a person wants it; nil if nothing
// speaks against it.
func spare(job collector.Job) *profiling.Error {
	unsettled := func(format string, args ...any) *profiling.Error {
		return &profiling.Error{Outcome: profiling.Unsettled, Process: job.Name, Cause: fmt.Sprintf(format, args...)}
	}
	if job.Uptime != nil && *job.Uptime < settled.Seconds() {
		return unsettled("it has run for %.0f s", *job.Uptime)
	}
	if job.Checkpoints == nil || job.Checkpoints.LastFailed == nil {
		return nil
	}
	failed, last := job.Checkpoints.LastFailed, job.Checkpoints.Last
	if failed.Age < stormy && (last == nil || last.Finished.Before(failed.Failed)) {
		return unsettled("checkpoint %d failed %s ago, and none was completed since", failed.ID, failed.Age.Round(time.Second))
	}
	return nil
}

// allowedModes are the configured ones without those that may end the JVM; held is
// how many those are.
func (p *profiles) allowedModes(ctx context.Context, c *cluster) (allowed []flame.Mode, held int) {
	if p.cfg.AllowWall || !slices.Contains(p.cfg.Modes, flame.Wall) || profiling.WallIsSafe(ctx, c.flink) {
		return p.cfg.Modes, 0
	}
	allowed = slices.DeleteFunc(slices.Clone(p.cfg.Modes), func(mode flame.Mode) bool { return mode == flame.Wall })
	return allowed, len(p.cfg.Modes) - len(allowed)
}

// watched is a process that was profiled not long ago.
type watched struct {
	cluster, process string
	// key is what the budget calls the vertex.
	key   string
	until time.Time
}

// watch has the process of a run looked after for a while.
func (p *profiles) watch(w watched) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.until = time.Now().Add(suspicious)
	p.watched = append(p.watched, w)
}

// polled reckons, after a poll of a cluster, what profiles cost, and looks for
// processes that went away soon after a run: their vertices are left alone.
func (p *profiles) polled(c *cluster) {
	if _, known := c.Cluster(); !known {
		return
	}
	now := time.Now()
	p.cost.polled(c.Name(), c.Jobs(), now)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watched = slices.DeleteFunc(p.watched, func(w watched) bool {
		lost := w.cluster == c.Name() && !c.has(w.process)
		if lost {
			p.lockOut(w)
		}
		return lost || now.After(w.until)
	})
}

func (p *profiles) lockOut(w watched) {
	p.log.Warn("A TaskManager was lost right after a profile of it; its vertex is not profiled again without anyone's asking (sidecar resume profiling lifts this, and a day does)",
		"cluster", w.cluster, "process", w.process)
	p.budget.LockOut(w.key)
}
