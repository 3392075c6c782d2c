package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
)

// windows records a standing measurement of every running job each minute.
func (a *App) windows() loop.Windows {
	earlier := map[string]collector.Job{}
	return loop.Windows{
		Every:   windowEvery,
		Journal: a.store,
		Log:     a.log,
		Measure: func(from, to time.Time) []episode.Measurement {
			var measured []episode.Measurement
			now := map[string]collector.Job{}
			for _, job := range a.collector.Jobs() {
				if job.Known && job.State == "RUNNING" {
					measured = append(measured, a.window(job, earlier[job.Name], from, to))
				}
				now[job.Name] = job
			}
			earlier = now
			return measured
		},
	}
}

// window is what one job and, if it is the probed one, its probe were like.
func (a *App) window(job, before collector.Job, from, to time.Time) episode.Measurement {
	m := episode.Measurement{Began: from, Ended: to}
	if a.prober != nil && job.Name == a.cfg.Probe.Job {
		m = a.prober.Measure(from, to)
	}
	m.Cluster, m.Job, m.JobID, m.EpochKey = a.cfg.Flink.ClusterName(), job.Name, job.ID, job.EpochKey
	m.Throughput = throughput(before, job)
	return m
}

// throughput is the mean rate of a job's sources between two looks at it, in
// records per second. It is unknown if the job restarted in between, or if there
// is no newer reading.
func throughput(before, now collector.Job) *float64 {
	if before.ID != now.ID || before.Read == nil || now.Read == nil {
		return nil
	}
	records, seconds := now.Read.SourceRecords-before.Read.SourceRecords, now.Read.Uptime-before.Read.Uptime
	if records < 0 || seconds <= 0 {
		return nil
	}
	rate := records / seconds
	return &rate
}

// measureJob is a window as the measurement of an episode.
func (a *App) measureJob(name string, before collector.Job, from, to time.Time) (episode.Measurement, error) {
	job, ok := a.collector.Job(name)
	if !ok || !job.Known {
		return episode.Measurement{}, fmt.Errorf("nothing is known of job %q (see the state of Flink on the page)", name)
	}
	m := a.window(job, before, from, to)
	m.ID, m.Kind = newID(from), episode.KindWindow
	return m, nil
}

// recentPast is how far back an episode that an alert opened looks: what was held
// of it anyway, so that it waits for nothing.
const recentPast = 5 * time.Minute

// measureRecent is the recent past of an alert's job as a measurement. Of its
// throughput the last two polls tell.
func (a *App) measureRecent(ctx context.Context, alert episode.Alert) (episode.Measurement, error) {
	if alert.Job == "" {
		return episode.Measurement{}, errors.New("nothing is measured: the alert names no job, and several run")
	}
	if err := a.collector.Await(ctx); err != nil {
		return episode.Measurement{}, fmt.Errorf("nothing is measured: %w", err)
	}
	now := time.Now()
	job, known := a.collector.Job(alert.Job)
	m, err := a.measureJob(alert.Job, collector.Job{}, now.Add(-recentPast), now)
	if err == nil && known {
		m.Throughput = job.SourceRate
	}
	return m, err
}

// measureRound sends a round and adds what is known of the job meanwhile.
func (a *App) measureRound(ctx context.Context, records int) (episode.Measurement, error) {
	before, _ := a.collector.Job(a.cfg.Probe.Job)
	m, err := a.prober.Round(ctx, records)
	if err != nil {
		return m, err
	}
	job, _ := a.collector.Job(a.cfg.Probe.Job)
	m.JobID, m.EpochKey, m.Throughput = job.ID, job.EpochKey, throughput(before, job)
	return m, nil
}

func newID(at time.Time) string {
	return ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()
}
