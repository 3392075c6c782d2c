package trendfeed

import (
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Feed passes the results of one cluster's collector to the trends, after each poll.
// Only the polling goroutine uses it. Most signals are read from the page; those of
// checkpoints come from the snapshot, which knows one in progress and exact times.
type Feed struct {
	collector *collector.Collector
	trends    *alerts.Trends
	page      prometheus.Gatherer
	Reader    *signal.Reader
	Past      *Past // nil unless the history refills the trends
	log       *slog.Logger
	// checkpoints are the latest seen, by job.
	checkpoints map[string]seenCheckpoint
}

// seenCheckpoint is a checkpoint and when it finished by our clock. The time is set when
// it is first seen, so that the sample keeps its time.
type seenCheckpoint struct {
	finished time.Time // by the JobManager's clock: its identity
	at       time.Time
}

// New reads the page of one cluster and, for its job, that of the probe.
func New(c *collector.Collector, trends *alerts.Trends, log *slog.Logger, more ...prometheus.Collector) *Feed {
	page := prometheus.NewRegistry()
	page.MustRegister(append(more, c.Only(signal.Needs))...)
	return &Feed{
		collector: c, trends: trends, page: page, Reader: signal.NewReader(), log: log,
		checkpoints: map[string]seenCheckpoint{},
	}
}

// Offer passes what the last poll found to the trends.
func (s *Feed) Offer() {
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
	s.offerPage(cluster.Polled)
}

// offerPage offers what the page says. A fault of one metric hides no other.
func (s *Feed) offerPage(polled time.Time) {
	families, err := s.page.Gather()
	if err != nil {
		s.log.Warn("Some signals are not known", "cluster", s.collector.Name(), "err", err)
	}
	page := recorded.Page{At: polled, Series: signal.FromFamilies(families)}
	s.Past.note(page)
	for _, o := range s.Reader.Read(page.At, page.Series) {
		if o.Signal != snapshot.CheckpointDuration && o.Signal != snapshot.CheckpointSize {
			s.trends.Observe(o)
		}
	}
}

// forget drops jobs that are gone: session clusters give each job a new name.
func (s *Feed) forget() {
	jobs := map[string]bool{}
	for _, job := range s.collector.Jobs() {
		jobs[job.Name] = true
	}
	maps.DeleteFunc(s.checkpoints, func(job string, _ seenCheckpoint) bool { return !jobs[job] })
}

// listed reports whether Flink knows the subject of a trend: its process, or its job
// unless that has ended.
func (s *Feed) listed(l snapshot.Labels) bool {
	state := s.collector.State()
	if l.Process != "" {
		return state.HasProcess(l.Process)
	}
	if l.Job == "" {
		return true // of a probe whose job is not known
	}
	job, ok := state.Job(l.Job)
	over := job.State == snapshot.Gone || flink.JobSummary{State: job.State}.Ended()
	return ok && (!job.Known || !over)
}

// offerCheckpoints offers the last completed checkpoint, and the time that one in progress
// has run so far.
func (s *Feed) offerCheckpoints(job snapshot.Job, c snapshot.Checkpoints, polled time.Time) {
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
func (s *Feed) of(job snapshot.Job) signal.Observation {
	return signal.Observation{
		Labels: snapshot.Labels{Cluster: s.collector.Name(), Job: job.Name},
		RunID:  runOf(job), EpochKey: job.EpochKey,
	}
}

func (s *Feed) offerCheckpoint(job snapshot.Job, last snapshot.Checkpoint, polled time.Time) {
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
