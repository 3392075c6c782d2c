// Package measure measures jobs with what the collector and the probe know: each minute, over the
// recent past, while a round of the probe lasts, and after a change.
package measure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/clusters"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// Prober is the probe of one job.
type Prober interface {
	// Measure is what it saw from one time to another.
	Measure(from, to time.Time) episode.Measurement
	// Round sends n records and waits until what became of them is known.
	Round(ctx context.Context, n int) (episode.Measurement, error)
}

// Measurer measures jobs. Prober is nil without a probe; the other fields are required.
type Measurer struct {
	Clusters clusters.Clusters
	Prober   Prober
	// Probed is the job of the probe.
	Probed  episode.JobRef
	History *history.Store
	// Every is the length of a standing measurement.
	Every time.Duration
	Log   *slog.Logger
}

// Windows records a standing measurement of every running job each minute.
func (m *Measurer) Windows() loop.Windows {
	earlier := map[episode.JobRef]snapshot.Job{}
	return loop.Windows{
		Every:    m.Every,
		History:  m.History,
		Log:      m.Log,
		Complete: m.completeAll,
		Measure: func(from, to time.Time) []episode.Measurement {
			var measured []episode.Measurement
			now := map[episode.JobRef]snapshot.Job{}
			for _, c := range m.Clusters {
				for _, job := range c.Jobs() {
					ref := episode.JobRef{Cluster: c.Name(), Job: job.Name}
					if job.Known && job.State == "RUNNING" {
						measured = append(measured, m.window(c.Name(), job, earlier[ref], from, to))
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
func (m *Measurer) window(cluster string, job, before snapshot.Job, from, to time.Time) episode.Measurement {
	one := episode.Measurement{Began: from, Ended: to}
	if m.Prober != nil && m.Probed == (episode.JobRef{Cluster: cluster, Job: job.Name}) {
		one = m.Prober.Measure(from, to)
	}
	one.Cluster, one.Job, one.JobID, one.EpochKey = cluster, job.Name, job.ID, job.EpochKey
	one.Throughput = throughput(before, job)
	one.Capacity, one.Backlog = job.Capacity, backlogOf(job)
	one.CPUPerMillion = job.CPUPerMillion
	return one
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

// job converts a window to the measurement of an episode.
func (m *Measurer) job(of episode.JobRef, before snapshot.Job, from, to time.Time) (episode.Measurement, error) {
	c, err := m.Clusters.Of(of.Cluster)
	if err != nil {
		return episode.Measurement{}, err
	}
	job, ok := c.Job(of.Job)
	if !ok || !job.Known {
		return episode.Measurement{}, fmt.Errorf("job %q is unknown (see the state of Flink on the page)", of.Job)
	}
	one := m.window(c.Name(), job, before, from, to)
	one.ID, one.Kind = ulid.MustNew(ulid.Timestamp(from), ulid.DefaultEntropy()).String(), episode.KindWindow
	changed, _ := m.complete([]episode.Measurement{one})
	return append(changed, one)[0], nil
}

// recentPast is how far back the measurement of an alert's episode reaches. These values
// are held in memory, so the episode does not wait.
const recentPast = 5 * time.Minute

// Recent is the measurement of an alert's job over the recent past. The last two polls give its
// throughput.
func (m *Measurer) Recent(ctx context.Context, alert episode.Alert) (episode.Measurement, error) {
	if alert.Job == "" {
		return episode.Measurement{}, errors.New("no measurement: the alert names no job, and several run " +
			"(add the label job)")
	}
	if err := m.Clusters.Await(ctx, alert.Cluster); err != nil {
		return episode.Measurement{}, fmt.Errorf("no measurement: %w", err)
	}
	now := time.Now()
	job, known := m.Clusters.Job(alert.JobRef())
	one, err := m.job(alert.JobRef(), snapshot.Job{}, now.Add(-recentPast), now)
	if err == nil && known {
		one.Throughput = job.SourceRate
	}
	return one, err
}

// Round sends a round of the probe and adds what is known of the job during that time.
func (m *Measurer) Round(ctx context.Context, records int) (episode.Measurement, error) {
	before, _ := m.Clusters.Job(m.Probed)
	one, err := m.Prober.Round(ctx, records)
	if err != nil {
		return one, err
	}
	job, _ := m.Clusters.Job(m.Probed)
	one.JobID, one.EpochKey, one.Throughput = job.ID, job.EpochKey, throughput(before, job)
	return one, nil
}

// settles is how long a job may warm up after a change before it is measured, measuredFor the
// length of that measurement.
const (
	settles     = 2 * time.Minute
	measuredFor = 2 * time.Minute
)

// AfterChange measures a job some time after its epoch began.
func (m *Measurer) AfterChange(ctx context.Context, alert episode.Alert) (episode.Measurement, error) {
	if wait.For(ctx, settles) != nil {
		return episode.Measurement{}, ctx.Err()
	}
	from := time.Now()
	before, _ := m.Clusters.Job(alert.JobRef())
	if wait.For(ctx, measuredFor) != nil {
		return episode.Measurement{}, ctx.Err()
	}
	return m.job(alert.JobRef(), before, from, time.Now())
}
