package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

const (
	// settled is how long a job that restarted must have run again to be profiled
	// without anyone's asking: it may be about to restart once more.
	settled = time.Minute
	// stormy is for how long a job is spared after the last of several checkpoints that
	// failed in a row: what it lacks is time. One that is only slow is no storm, but
	// what a profile may explain.
	stormy = 5 * time.Minute
	// suspicious is how soon after a run the loss of its process counts as the run's
	// doing: a minute, and one more because Flink lists a process that was killed until
	// its heartbeat times out (heartbeat.timeout, 50 s by default).
	suspicious = 2 * time.Minute
)

// spare says why a job is not profiled now unless a person wants it; nil if nothing
// speaks against it.
func spare(job snapshot.Job) *profiling.Error {
	refusal := func(outcome profiling.Outcome, format string, args ...any) *profiling.Error {
		return &profiling.Error{Outcome: outcome, Process: job.Name, Cause: fmt.Sprintf(format, args...)}
	}
	switch {
	case job.Known && job.State != flink.JobRunning:
		return refusal(profiling.NotRunning, "it is %s", job.State)
	case job.Restarts != nil && *job.Restarts > 0 && job.Uptime != nil && *job.Uptime < settled.Seconds():
		return refusal(profiling.Unsettled, "it has run again for %.0f s", *job.Uptime)
	case job.Checkpoints == nil:
		return nil
	}
	if failed := failedInARow(job.Checkpoints); failed > 1 {
		return refusal(profiling.Storm, "%d failed in a row, the last %s ago", failed, job.Checkpoints.LastFailed.Age.Round(time.Second))
	}
	return nil
}

// failedInARow is how many checkpoints failed since the last that completed; 0 if the
// last to fail did so long ago. Their numbers are given out one after the other.
func failedInARow(c *snapshot.Checkpoints) int64 {
	failed, last := c.LastFailed, c.Last
	switch {
	case failed == nil || failed.Age >= stormy:
		return 0
	case last == nil:
		return int64(c.Failed)
	case last.Finished.After(failed.Failed):
		return 0
	}
	return max(1, failed.ID-last.ID)
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
	p.work.keep(c.Name(), c.Jobs())
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
	p.rememberLocks()
}

// rememberLocks writes down which vertices are left alone: a restart must not let go
// of them.
func (p *profiles) rememberLocks() {
	if err := p.history.PutLockedOut(p.budget.LockedOut()); err != nil {
		p.log.Warn("Which vertices are not to be profiled can't be written down; a restart of the sidecar forgets it", "err", err)
	}
}
