package app

import (
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/classify"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// workMetrics show what the tasks of each job were doing, by its latest profile in
// each mode.
type workMetrics struct {
	share, samples, taken *prometheus.Desc

	mu     sync.Mutex
	latest map[workOf]workSeen
}

// workOf is a job and the mode it was profiled in.
type workOf struct {
	job  episode.JobRef
	mode string
}

// workSeen is what a profile says.
type workSeen struct {
	profile episode.Profile
	shares  map[operatorWork]float64 // of the samples of tasks
}

// operatorWork is one kind of work of one operator.
type operatorWork struct{ operator, category string }

const (
	// leastShare is below what a row is not worth a series; the rest of a profile is
	// one, so that all add up.
	leastShare = 0.01
	restOf     = "rest"
	// operatorLabel bounds the name of an operator, which has those of the user's
	// classes.
	operatorLabel = 200
)

func newWorkMetrics() *workMetrics {
	return &workMetrics{
		latest: map[workOf]workSeen{},
		share: prometheus.NewDesc("flink_sidecar_profile_work_ratio",
			"Share of the samples of task threads that an operator spends on a kind of work, in the job's latest profile of the mode; what is below 1 % is the operator rest. They add up to 1; a bad profile has none.",
			[]string{"cluster", "job", "mode", "operator", "category"}, nil),
		samples: prometheus.NewDesc("flink_sidecar_profile_samples",
			"Samples of all threads in the job's latest profile of the mode; grade tells how far it can be trusted: good, poor or bad.",
			[]string{"cluster", "job", "mode", "grade"}, nil),
		taken: prometheus.NewDesc("flink_sidecar_profile_timestamp_seconds",
			"When the job's latest profile of the mode was begun, in Unix time.", []string{"cluster", "job", "mode"}, nil),
	}
}

// publish makes a profile the latest of its job and mode. One to compare with is
// none.
func (m *workMetrics) publish(job episode.JobRef, profile episode.Profile, tree *flame.Tree) {
	mode := flame.Mode(profile.Mode)
	if mode == flame.Vertex || profile.Role == episode.Control || job.Job == "" {
		return
	}
	seen := workSeen{profile: profile}
	if profile.Grade != string(flame.Bad) { // which says nothing of the job
		seen.shares = sharesOf(classify.Summarize(tree, mode))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.latest[workOf{job, profile.Mode}].profile.Taken.Before(profile.Taken) {
		m.latest[workOf{job, profile.Mode}] = seen
	}
}

// has reports whether a profile of that job and mode is known that is not older.
func (m *workMetrics) has(job episode.JobRef, profile episode.Profile) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen, known := m.latest[workOf{job, profile.Mode}]
	return known && !seen.profile.Taken.Before(profile.Taken)
}

// sharesOf are the rows that are worth a series.
func sharesOf(summary classify.Summary) map[operatorWork]float64 {
	var all int64
	for _, operator := range summary.Operators {
		all += operator.Samples
	}
	shares := map[operatorWork]float64{}
	for _, operator := range summary.Operators {
		for _, kind := range operator.Categories {
			row := operatorWork{label(operator.Operator), string(kind.Category)}
			share := float64(kind.Samples) / float64(all)
			if share < leastShare {
				row = operatorWork{restOf, restOf}
			}
			shares[row] += share
		}
	}
	return shares
}

// label makes a name that a page of metrics takes.
func label(name string) string { return plaintext.Label(name, operatorLabel) }

// keep forgets all jobs of a cluster but those named.
func (m *workMetrics) keep(cluster string, jobs []snapshot.Job) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for of := range m.latest {
		there := slices.ContainsFunc(jobs, func(job snapshot.Job) bool { return job.Name == of.job.Job })
		if of.job.Cluster == cluster && !there {
			delete(m.latest, of)
		}
	}
}

// Describe implements prometheus.Collector.
func (m *workMetrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.share
	ch <- m.samples
	ch <- m.taken
}

// Collect implements prometheus.Collector.
func (m *workMetrics) Collect(ch chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for of, seen := range m.latest {
		labels := []string{of.job.Cluster, of.job.Job, of.mode}
		gauge := func(desc *prometheus.Desc, value float64, more ...string) {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, slices.Concat(labels, more)...)
		}
		gauge(m.samples, float64(seen.profile.Samples), seen.profile.Grade)
		gauge(m.taken, float64(seen.profile.Taken.UnixMilli())/float64(time.Second/time.Millisecond))
		for row, share := range seen.shares {
			gauge(m.share, share, row.operator, row.category)
		}
	}
}
