package app

import (
	"fmt"
	"maps"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// signals passes the results of one cluster's collector to the trends, after each poll.
// Only the polling goroutine uses it.
type signals struct {
	collector *collector.Collector
	trends    *alerts.Trends
	// checkpoints are the latest seen, by job; processes by their id.
	checkpoints map[string]seenCheckpoint
	processes   map[string]lifetime
}

// seenCheckpoint is a checkpoint and when it finished by our clock. The time is set when
// it is first seen, so that the sample keeps its time.
type seenCheckpoint struct {
	finished time.Time // by the JobManager's clock: its identity
	at       time.Time
}

// lifetime distinguishes one JVM from the next under the same id.
type lifetime struct {
	number     int
	cpuSeconds float64
}

func newSignals(c *collector.Collector, trends *alerts.Trends) *signals {
	return &signals{
		collector: c, trends: trends,
		checkpoints: map[string]seenCheckpoint{}, processes: map[string]lifetime{},
	}
}

func (s *signals) offer() {
	cluster, known := s.collector.Cluster()
	if !known {
		return
	}
	s.forget()
	s.trends.Listed(s.collector.Name(), s.listed)
	for _, job := range s.collector.Jobs() {
		if job.Known && job.State == flink.JobRunning && job.Checkpoints != nil {
			s.offerCheckpoints(job, *job.Checkpoints, cluster.Polled)
		}
	}
	for _, tm := range s.collector.TaskManagers() {
		if tm.HeapUsed != nil && tm.CPUSeconds != nil {
			s.offerHeap(tm, cluster.Polled)
		}
	}
}

// forget drops jobs and processes that are gone: session clusters give each job a new
// name, and TaskManagers a new id.
func (s *signals) forget() {
	jobs, processes := map[string]bool{}, map[string]bool{}
	for _, job := range s.collector.Jobs() {
		jobs[job.Name] = true
	}
	for _, tm := range s.collector.TaskManagers() {
		processes[tm.ID] = true
	}
	maps.DeleteFunc(s.checkpoints, func(job string, _ seenCheckpoint) bool { return !jobs[job] })
	maps.DeleteFunc(s.processes, func(id string, _ lifetime) bool { return !processes[id] })
}

// listed reports whether Flink knows the subject of a trend: its process, or its job
// unless that has ended.
func (s *signals) listed(l snapshot.Labels) bool {
	state := s.collector.State()
	if l.Process != "" {
		return state.HasProcess(l.Process)
	}
	job, ok := state.Job(l.Job)
	over := job.State == snapshot.Gone || flink.JobSummary{State: job.State}.Ended()
	return ok && (!job.Known || !over)
}

// offerCheckpoints offers the last completed checkpoint, and the time that one in progress
// has run so far.
func (s *signals) offerCheckpoints(job snapshot.Job, c snapshot.Checkpoints, polled time.Time) {
	if c.Last != nil {
		s.offerCheckpoint(job, *c.Last, polled)
	}
	if c.Running != nil {
		o := s.of(job)
		o.Signal, o.AtLeast = snapshot.CheckpointDuration, true
		o.Sample = series.Sample{T: polled, V: c.Running.Age.Seconds()}
		s.trends.Observe(o)
	}
}

// of is an observation of a job, without its signal and sample.
func (s *signals) of(job snapshot.Job) alerts.Observation {
	return alerts.Observation{
		Labels: snapshot.Labels{Cluster: s.collector.Name(), Job: job.Name},
		RunID:  runOf(job), EpochKey: job.EpochKey,
	}
}

func (s *signals) offerCheckpoint(job snapshot.Job, last snapshot.Checkpoint, polled time.Time) {
	seen := s.checkpoints[job.Name]
	if !seen.finished.Equal(last.Finished) {
		seen = seenCheckpoint{finished: last.Finished, at: polled.Add(-last.Age)}
		s.checkpoints[job.Name] = seen
	}
	o := s.of(job)
	for signal, value := range map[snapshot.Signal]float64{
		snapshot.CheckpointDuration: last.Duration.Seconds(),
		snapshot.CheckpointSize:     last.StateBytes,
	} {
		o.Signal, o.Sample = signal, series.Sample{T: seen.at, V: value}
		s.trends.Observe(o)
	}
}

// runOf names one attempt of a job; empty while its number is unknown.
func runOf(job snapshot.Job) string {
	if job.Restarts == nil {
		return ""
	}
	return fmt.Sprintf("%s/%.0f", job.ID, *job.Restarts)
}

func (s *signals) offerHeap(tm snapshot.TaskManager, polled time.Time) {
	life := s.processes[tm.ID]
	if *tm.CPUSeconds < life.cpuSeconds {
		life.number++
	}
	life.cpuSeconds = *tm.CPUSeconds
	s.processes[tm.ID] = life
	s.trends.Observe(alerts.Observation{
		Signal:    snapshot.HeapUsed,
		Labels:    snapshot.Labels{Cluster: s.collector.Name(), Process: tm.ID},
		Sample:    series.Sample{T: polled, V: *tm.HeapUsed},
		Max:       tm.HeapMax,
		ProcessID: fmt.Sprintf("%s/%d", tm.ID, life.number),
	})
}
