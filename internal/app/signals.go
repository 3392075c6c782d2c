package app

import (
	"fmt"
	"maps"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/collector"
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
	for _, job := range s.collector.Jobs() {
		if job.Known && job.State == "RUNNING" && job.Checkpoints != nil && job.Checkpoints.Last != nil {
			s.offerCheckpoint(job, *job.Checkpoints.Last, cluster.Polled)
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

func (s *signals) offerCheckpoint(job snapshot.Job, last snapshot.Checkpoint, polled time.Time) {
	seen := s.checkpoints[job.Name]
	if !seen.finished.Equal(last.Finished) {
		seen = seenCheckpoint{finished: last.Finished, at: polled.Add(-last.Age)}
		s.checkpoints[job.Name] = seen
	}
	o := alerts.Observation{
		Labels:   snapshot.Labels{Cluster: s.collector.Name(), Job: job.Name},
		RunID:    runOf(job),
		EpochKey: job.EpochKey,
	}
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
