package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// windows records a standing measurement of every running job each minute.
func (a *App) windows() loop.Windows {
	earlier := map[episode.JobRef]snapshot.Job{}
	return loop.Windows{
		Every:    a.notLonger(windowEvery),
		History:  a.store,
		Log:      a.log,
		Complete: a.completeAll,
		Measure: func(from, to time.Time) []episode.Measurement {
			var measured []episode.Measurement
			now := map[episode.JobRef]snapshot.Job{}
			for _, c := range a.clusters {
				for _, job := range c.Jobs() {
					ref := episode.JobRef{Cluster: c.Name(), Job: job.Name}
					if job.Known && job.State == "RUNNING" {
						measured = append(measured, a.window(c.Name(), job, earlier[ref], from, to))
					}
					now[ref] = job
				}
			}
			earlier = now
			return measured
		},
	}
}

// window is the measurement of one job, with the probe if the job is the probed one.
func (a *App) window(cluster string, job, before snapshot.Job, from, to time.Time) episode.Measurement {
	m := episode.Measurement{Began: from, Ended: to}
	if a.prober != nil && a.cfg.ProbedJob() == (episode.JobRef{Cluster: cluster, Job: job.Name}) {
		m = a.prober.Measure(from, to)
	}
	m.Cluster, m.Job, m.JobID, m.EpochKey = cluster, job.Name, job.ID, job.EpochKey
	m.Throughput = throughput(before, job)
	m.Capacity, m.Backlog = capacity(job), backlogOf(job)
	m.CPUPerMillion = job.CPUPerMillion
	return m
}

// capacity is the throughput at which some subtask would be busy all the time; nil if it is
// not known.
func capacity(job snapshot.Job) *float64 {
	if job.SourceRate == nil || job.Headroom == nil || !(*job.SourceRate > 0) || !(*job.Headroom > -1) {
		return nil
	}
	return new(*job.SourceRate * (1 + *job.Headroom))
}

// backlogOf is the number of records that wait at the sources of a job; nil if none says it.
func backlogOf(job snapshot.Job) *float64 {
	var sum *float64
	for _, v := range job.Vertices {
		switch {
		case v.Pending != nil && sum == nil:
			sum = new(*v.Pending)
		case v.Pending != nil:
			*sum += *v.Pending
		}
	}
	return sum
}

// throughput is the mean rate of a job's sources between two readings, in records per
// second. It is unknown if the job restarted in between, or if there is no newer reading.
func throughput(before, now snapshot.Job) *float64 {
	if before.ID != now.ID || before.Read == nil || now.Read == nil {
		return nil
	}
	return now.Read.Rate(*before.Read)
}

// measureJob converts a window to the measurement of an episode.
func (a *App) measureJob(of episode.JobRef, before snapshot.Job, from, to time.Time) (episode.Measurement, error) {
	c, err := a.clusters.of(of.Cluster)
	if err != nil {
		return episode.Measurement{}, err
	}
	job, ok := c.Job(of.Job)
	if !ok || !job.Known {
		return episode.Measurement{}, fmt.Errorf("job %q is unknown (see the state of Flink on the page)", of.Job)
	}
	m := a.window(c.Name(), job, before, from, to)
	m.ID, m.Kind = newID(from), episode.KindWindow
	changed, _ := a.complete([]episode.Measurement{m})
	return append(changed, m)[0], nil
}

// recentPast is how far back the measurement of an alert's episode reaches. These values
// are held in memory, so the episode does not wait.
const recentPast = 5 * time.Minute

// measureRecent is the measurement of an alert's job over the recent past. The last two
// polls give its throughput.
func (a *App) measureRecent(ctx context.Context, alert episode.Alert) (episode.Measurement, error) {
	if alert.Job == "" {
		return episode.Measurement{}, errors.New("no measurement: the alert names no job, and several run " +
			"(add the label job)")
	}
	if err := a.clusters.await(ctx, alert.Cluster); err != nil {
		return episode.Measurement{}, fmt.Errorf("no measurement: %w", err)
	}
	now := time.Now()
	job, known := a.clusters.job(alert.JobRef())
	m, err := a.measureJob(alert.JobRef(), snapshot.Job{}, now.Add(-recentPast), now)
	if err == nil && known {
		m.Throughput = job.SourceRate
	}
	return m, err
}

// measureRound sends a round and adds what is known of the job during that time.
func (a *App) measureRound(ctx context.Context, records int) (episode.Measurement, error) {
	before, _ := a.clusters.job(a.cfg.ProbedJob())
	m, err := a.prober.Round(ctx, records)
	if err != nil {
		return m, err
	}
	job, _ := a.clusters.job(a.cfg.ProbedJob())
	m.JobID, m.EpochKey, m.Throughput = job.ID, job.EpochKey, throughput(before, job)
	return m, nil
}

func newID(at time.Time) string {
	return ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()
}

// settles is how long a job may warm up after a change before it is measured, measuredFor the
// length of that measurement.
const (
	settles     = 2 * time.Minute
	measuredFor = 2 * time.Minute
)

// epochMeasurer measures a job some time after its epoch began.
func (a *App) epochMeasurer() loop.Measurer {
	return loop.MeasureFunc(func(ctx context.Context, alert episode.Alert) (episode.Measurement, error) {
		if wait.For(ctx, settles) != nil {
			return episode.Measurement{}, ctx.Err()
		}
		from := time.Now()
		before, _ := a.clusters.job(alert.JobRef())
		if wait.For(ctx, measuredFor) != nil {
			return episode.Measurement{}, ctx.Err()
		}
		return a.measureJob(alert.JobRef(), before, from, time.Now())
	})
}
