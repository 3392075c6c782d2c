package profiling

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

// breakdown shows what the tasks of each job do, from its latest profile in each mode.
type breakdown struct {
	share, samples, taken *prometheus.Desc

	mu     sync.Mutex
	latest map[jobMode]seenProfile
}

// jobMode is a job and the mode it was profiled in.
type jobMode struct {
	job  episode.JobRef
	mode string
}

// seenProfile is the content of a profile.
type seenProfile struct {
	profile episode.Profile
	shares  map[operatorCategory]float64 // of the samples of tasks
}

// operatorCategory is one kind of work of one operator.
type operatorCategory struct{ operator, category string }

const (
	// leastShare is the share below which a row has no series of its own; all smaller
	// rows of a profile are one series, so that the total is complete.
	leastShare = 0.01
	restOf     = "rest"
	// operatorLabel bounds the name of an operator, which holds names of the user's
	// classes.
	operatorLabel = 200
)

func newBreakdown() *breakdown {
	return &breakdown{
		latest: map[jobMode]seenProfile{},
		share: prometheus.NewDesc("flink_sidecar_profile_work_ratio",
			"Share of the samples of task threads that an operator spends on a kind of work, in the job's latest "+
				"profile of the mode. Shares below 1 % are added up as operator rest. The sum is 1; a bad profile "+
				"has no series.",
			[]string{"cluster", "job", "mode", "operator", "category"}, nil),
		samples: prometheus.NewDesc("flink_sidecar_profile_samples",
			"Samples of all threads in the job's latest profile of the mode; grade is its quality: good, "+
				"poor or bad.",
			[]string{"cluster", "job", "mode", "grade"}, nil),
		taken: prometheus.NewDesc("flink_sidecar_profile_timestamp_seconds",
			"Start of the job's latest profile of the mode, in Unix time.",
			[]string{"cluster", "job", "mode"}, nil),
	}
}

// publish makes a profile the latest of its job and mode. A control profile is ignored.
func (b *breakdown) publish(job episode.JobRef, profile episode.Profile, tree *flame.Tree) {
	mode := flame.Mode(profile.Mode)
	if mode == flame.Vertex || profile.Role == episode.Control || job.Job == "" {
		return
	}
	seen := seenProfile{profile: profile}
	if profile.Grade != string(flame.Bad) { // a bad profile says nothing about the job
		seen.shares = sharesOf(classify.Summarize(tree, mode))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.latest[jobMode{job, profile.Mode}].profile.Taken.Before(profile.Taken) {
		b.latest[jobMode{job, profile.Mode}] = seen
	}
}

// has reports whether a profile of that job and mode is known that is at least as new.
func (b *breakdown) has(job episode.JobRef, profile episode.Profile) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen, known := b.latest[jobMode{job, profile.Mode}]
	return known && !seen.profile.Taken.Before(profile.Taken)
}

// sharesOf are the rows that get a series of their own.
func sharesOf(summary classify.Summary) map[operatorCategory]float64 {
	var all int64
	for _, operator := range summary.Operators {
		all += operator.Samples
	}
	shares := map[operatorCategory]float64{}
	for _, operator := range summary.Operators {
		for _, kind := range operator.Categories {
			row := operatorCategory{label(operator.Operator), string(kind.Category)}
			share := float64(kind.Samples) / float64(all)
			if share < leastShare {
				row = operatorCategory{restOf, restOf}
			}
			shares[row] += share
		}
	}
	return shares
}

// label turns a name into a valid label.
func label(name string) string { return plaintext.Label(name, operatorLabel) }

// keepOnly forgets the jobs that a cluster no longer lists.
func (b *breakdown) keepOnly(state snapshot.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for of := range b.latest {
		if _, listed := state.Job(of.job.Job); of.job.Cluster == state.Cluster.Name && !listed {
			delete(b.latest, of)
		}
	}
}

// Describe implements prometheus.Collector.
func (b *breakdown) Describe(ch chan<- *prometheus.Desc) {
	ch <- b.share
	ch <- b.samples
	ch <- b.taken
}

// Collect implements prometheus.Collector.
func (b *breakdown) Collect(ch chan<- prometheus.Metric) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for of, seen := range b.latest {
		labels := []string{of.job.Cluster, of.job.Job, of.mode}
		gauge := func(desc *prometheus.Desc, value float64, more ...string) {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, slices.Concat(labels, more)...)
		}
		gauge(b.samples, float64(seen.profile.Samples), seen.profile.Grade)
		gauge(b.taken, float64(seen.profile.Taken.UnixMilli())/float64(time.Second/time.Millisecond))
		for row, share := range seen.shares {
			gauge(b.share, share, row.operator, row.category)
		}
	}
}
