package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// keepIntervals is how many poll intervals a value is shown after it was taken.
const keepIntervals = 3

// withdrawn reports whether a snapshot is too old to be shown, or was never taken. The
// configured interval counts, even if polling has become slower.
func (c *Collector) withdrawn(s pollResult, now time.Time) bool {
	return s.taken.IsZero() || now.Sub(s.taken) > keepIntervals*time.Duration(c.cfg.PollInterval)
}

// publish makes a snapshot and its changed epochs the present ones.
func (c *Collector) publish(p *poll) {
	for reason, n := range p.found.page.Dropped {
		c.self.dropped.WithLabelValues(reason).Add(float64(n))
	}
	c.mu.Lock()
	c.last = p.found
	for _, epoch := range p.changed {
		c.epochs[epoch.Job] = epoch
	}
	// History keeps the epochs of ended jobs. Names may carry dates, so this map must not
	// grow.
	maps.DeleteFunc(c.shown, func(job string, _ map[string]string) bool { _, listed := c.listed[job]; return !listed })
	maps.DeleteFunc(c.epochs, func(job string, _ episode.Epoch) bool { _, listed := c.listed[job]; return !listed })
	c.mu.Unlock()
	for _, epoch := range p.changed {
		c.logger.Info("epoch", "job", epoch.Job, "epoch", epoch.Key, "began", epoch.Began, "changes", epoch.Changes)
		if c.OnEpoch != nil {
			c.OnEpoch(epoch)
		}
	}
	if c.OnPoll != nil {
		c.OnPoll()
	}
}

// report passes the result of the poll to Up, and to the log if it differs from the one
// before.
func (c *Collector) report(err error, problems []error) {
	c.mu.Lock()
	c.up, c.reason = err == nil, ""
	if err != nil {
		c.reason = err.Error()
	}
	c.mu.Unlock()
	if err == nil && len(problems) > 0 {
		err = problems[0]
	}
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text == c.problem {
		return
	}
	c.problem = text
	if text == "" {
		c.logger.Info("Flink answers without failures again")
		return
	}
	c.logger.Warn("poll of Flink failed", "err", text, "whole", !c.up, "others", max(0, len(problems)-1))
}

// reportVersion logs each version of Flink once.
func (c *Collector) reportVersion(cluster *snapshot.Cluster) {
	if text := cluster.FlinkVersion; text != c.version {
		c.version = text
		c.logger.Info("Flink answers", "url", c.client.URL(), "version", text)
		if version := flink.ParseVersion(text); version.Known() && !version.Profiling() {
			c.logger.Warn("this Flink has no profiler, so flame graphs of vertices and thread dumps replace it; "+
				"everything else works (upgrade to Flink 1.19 or later)", "version", text)
		}
	}
}

// Up reports whether the last poll got an answer from Flink and, if not, why. If up is
// false and reason is empty, the first poll has not ended and nothing is known yet.
func (c *Collector) Up() (up bool, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.up, c.reason
}

// asked is Up, nil before the first poll has ended.
func (c *Collector) asked() *bool {
	up, reason := c.Up()
	if !up && reason == "" {
		return nil
	}
	return &up
}

// Name is the name of the cluster in labels.
func (c *Collector) Name() string { return c.client.Cluster() }

// Cluster returns the cluster as of the last poll. It is unknown until Flink has
// answered, and again when Flink has not answered for three poll intervals.
func (c *Collector) Cluster() (cluster snapshot.Cluster, known bool) {
	last, withdrawn := c.current()
	if last.cluster == nil {
		return snapshot.Cluster{Name: c.client.Cluster()}, false
	}
	cluster = *last.cluster
	cluster.Polled = last.taken
	return cluster, !withdrawn
}

// State returns all that is known of the cluster, from one poll.
func (c *Collector) State() snapshot.State {
	cluster, known := c.Cluster()
	return snapshot.State{Cluster: cluster, Known: known, Jobs: c.Jobs(), TaskManagers: c.TaskManagers()}
}

// Jobs returns the jobs sorted by name, one per name.
func (c *Collector) Jobs() []snapshot.Job {
	last, withdrawn := c.current()
	jobs := make([]snapshot.Job, 0, len(last.jobs))
	for _, read := range last.jobs {
		if withdrawn {
			jobs = append(jobs, read.withdrawn())
			continue
		}
		jobs = append(jobs, read.seen())
	}
	return jobs
}

// Job returns the job of that name; ok is false if Flink has not listed it.
func (c *Collector) Job(name string) (job snapshot.Job, ok bool) {
	for _, job := range c.Jobs() {
		if job.Name == name {
			return job, true
		}
	}
	return snapshot.Job{}, false
}

// TaskManagers returns the TaskManagers sorted by id.
func (c *Collector) TaskManagers() []snapshot.TaskManager {
	last, withdrawn := c.current()
	taskManagers := make([]snapshot.TaskManager, 0, len(last.taskManagers))
	for _, read := range last.taskManagers {
		if withdrawn {
			taskManagers = append(taskManagers, read.Withdrawn())
			continue
		}
		taskManagers = append(taskManagers, read.TaskManager)
	}
	return taskManagers
}

// Epoch returns the present epoch of a job, by the job's name. While Flink does not
// answer it stays the last known one.
func (c *Collector) Epoch(job string) (epoch episode.Epoch, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	epoch, known = c.epochs[job]
	return epoch, known
}

func (c *Collector) current() (last pollResult, withdrawn bool) {
	c.mu.Lock()
	last = c.last
	c.mu.Unlock()
	return last, c.withdrawn(last, c.Now())
}

// View is one job with the questions that a prober asks.
type View struct {
	collector *Collector
	job       string
}

// View returns the view of a job, by name. The job need not exist yet.
func (c *Collector) View(job string) View { return View{collector: c, job: job} }

// State returns the job's state; it is unknown if Flink has not listed the job or has not
// answered for three poll intervals.
func (v View) State() (state string, known bool) {
	job, _ := v.collector.Job(v.job)
	return job.State, job.Known
}

// InputRate returns how many records per second the job's sources read between
// the last two polls.
func (v View) InputRate() (recordsPerSecond float64, known bool) {
	job, _ := v.collector.Job(v.job)
	if job.SourceRate == nil {
		return 0, false
	}
	return *job.SourceRate, true
}

// ReadOffsets returns how far the job's source had read the topic of [Collector.SetInput] at
// the last poll; nil if that poll did not tell, or if Flink has not answered for three poll
// intervals. The caller must not change it.
func (v View) ReadOffsets() *snapshot.ReadOffsets {
	last, withdrawn := v.collector.current()
	for _, job := range last.jobs {
		if job.Name == v.job && !withdrawn {
			return job.read
		}
	}
	return nil
}

// KeyedVertex returns the subtasks and key groups of the job's first keyed vertex; 0 subtasks
// if it has none. It is unknown if Flink has not answered for three poll intervals.
func (v View) KeyedVertex() (subtasks, keyGroups int, known bool) {
	job, _ := v.collector.Job(v.job)
	if !job.Known || len(job.Vertices) == 0 {
		return 0, 0, false
	}
	for _, vertex := range job.Vertices {
		if vertex.Keyed {
			return vertex.Parallelism, vertex.MaxParallelism, vertex.Parallelism > 0 && vertex.MaxParallelism > 0
		}
	}
	return 0, 0, true
}

// FailureSince returns the cause of the job's last failure if it was at or after a time;
// otherwise "".
func (v View) FailureSince(at time.Time) string {
	job, _ := v.collector.Job(v.job)
	if last := job.LastFailure; last != nil && !last.At.Before(at) {
		return cmp.Or(last.Cause, last.Class)
	}
	return ""
}

// lookAgain is how often Await checks whether a poll has ended.
const lookAgain = 50 * time.Millisecond

// Await waits until the first poll of Run has ended, and returns its error if it failed.
func (c *Collector) Await(ctx context.Context) error {
	for {
		switch up, reason := c.Up(); {
		case up:
			return nil
		case reason != "":
			return errors.New(reason)
		}
		if wait.For(ctx, lookAgain) != nil {
			return fmt.Errorf("waiting for the first poll of Flink: %w", ctx.Err())
		}
	}
}
