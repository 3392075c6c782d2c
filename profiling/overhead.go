package profiling

import (
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// overhead measures what profiles cost the jobs: how much their sources read before,
// during and after a run.
type overhead struct {
	throughput *prometheus.GaugeVec

	mu       sync.Mutex
	readings map[episode.JobRef][]readAt
	runs     []profiled // runs whose time after is not over yet
}

// readAt is how many records the sources of a job had read at a poll.
type readAt struct {
	at time.Time
	snapshot.Reading
}

// profiled is a run of the profiler.
type profiled struct {
	job      episode.JobRef
	from, to time.Time
}

const (
	// aside is the length of the comparison before a run and after it.
	aside = time.Minute
	// readingsKept covers the longest run that can be configured, and both sides.
	readingsKept = 10 * time.Minute
)

// The phases of a run.
const (
	phaseBefore = "before"
	phaseDuring = "during"
	phaseAfter  = "after"
)

func newOverhead() *overhead {
	return &overhead{
		readings: map[episode.JobRef][]readAt{},
		throughput: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "flink_sidecar_profile_throughput_records_per_second",
			Help: "Records per second that the job's sources read in the minute before the last profile, " +
				"during it, and in the minute after; absent if unknown.",
		}, []string{"cluster", "job", "phase"}),
	}
}

// ran notes a run.
func (o *overhead) ran(job episode.JobRef, from, to time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.runs = append(o.runs, profiled{job, from, to})
}

// around is the throughput before a run that has just ended, and during it; nil means not
// known.
func (o *overhead) around(job episode.JobRef, from, to time.Time) (before, during *float64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return rateWithin(o.readings[job], from.Add(-aside), from), rateWithin(o.readings[job], from, to)
}

// polled records what the jobs of a cluster have read, and measures the runs that ended
// long enough ago.
func (o *overhead) polled(state snapshot.State, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	cluster := state.Cluster.Name
	for _, job := range state.Jobs {
		ref := episode.JobRef{Cluster: cluster, Job: job.Name}
		read := o.readings[ref]
		if job.Read != nil && (len(read) == 0 || read[len(read)-1].Reading != *job.Read) {
			o.readings[ref] = append(read, readAt{now, *job.Read})
		}
	}
	o.forget(now)
	o.runs = slices.DeleteFunc(o.runs, func(run profiled) bool {
		over := run.job.Cluster == cluster && now.Sub(run.to) >= aside
		if over {
			o.measure(run)
		}
		return over
	})
}

// forget drops readings that are too old, and the series of jobs without any.
func (o *overhead) forget(now time.Time) {
	for ref, read := range o.readings {
		o.readings[ref] = slices.DeleteFunc(read, func(r readAt) bool { return now.Sub(r.at) > readingsKept })
		if len(o.readings[ref]) == 0 {
			delete(o.readings, ref)
			o.throughput.DeletePartialMatch(prometheus.Labels{"cluster": ref.Cluster, "job": ref.Job})
		}
	}
}

func (o *overhead) measure(run profiled) {
	for phase, span := range map[string][2]time.Time{
		phaseBefore: {run.from.Add(-aside), run.from},
		phaseDuring: {run.from, run.to},
		phaseAfter:  {run.to, run.to.Add(aside)},
	} {
		rate := rateWithin(o.readings[run.job], span[0], span[1])
		if rate == nil {
			o.throughput.DeleteLabelValues(run.job.Cluster, run.job.Job, phase)
			continue
		}
		o.throughput.WithLabelValues(run.job.Cluster, run.job.Job, phase).Set(*rate)
	}
}

// rateWithin is the rate from the first to the last reading within a span of time, nil
// with fewer than two.
func rateWithin(readings []readAt, from, to time.Time) *float64 {
	within := slices.DeleteFunc(slices.Clone(readings),
		func(r readAt) bool { return r.at.Before(from) || r.at.After(to) })
	if len(within) < 2 {
		return nil
	}
	return within[len(within)-1].Rate(within[0].Reading)
}
