package collector

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Family is one metric of the page.
type Family struct {
	Name string
	// Help names where in Flink the value comes from.
	Help string
	// Labels are the names of its labels, the cluster first.
	Labels []string

	kind prometheus.ValueType
	desc *prometheus.Desc
	// user is true for what a user's rule made.
	user bool
}

// Counter reports whether the metric is a counter; otherwise it is a gauge.
func (f *Family) Counter() bool { return f.kind == prometheus.CounterValue }

func gauge(name, help string, labels ...string) *Family {
	return newFamily(prometheus.GaugeValue, name, help, labels)
}

func counter(name, help string, labels ...string) *Family {
	return newFamily(prometheus.CounterValue, name, help, labels)
}

func newFamily(kind prometheus.ValueType, name, help string, labels []string) *Family {
	labels = append([]string{"cluster"}, labels...)
	return &Family{Name: name, Help: help, Labels: labels, kind: kind, desc: prometheus.NewDesc(name, help, labels, nil)}
}

// families is everything the page can hold. The prefixes flink_jobmanager_ and
// flink_taskmanager_ belong to Flink's own reporter: ours are flink_jm_ and
// flink_tm_.
type families struct {
	cluster clusterFamilies
	process processFamilies
	job     jobFamilies
	vertex  vertexFamilies
	subtask subtaskFamilies
	derived derivedFamilies
	limits  limits
}

func newFamilies() *families {
	standard := DefaultConfig()
	return &families{
		cluster: newClusterFamilies(),
		process: processFamilies{
			jobManager:  newJVMFamilies("flink_jm_", "the JobManager"),
			taskManager: newTaskManagerFamilies(),
		},
		job:     newJobFamilies(),
		vertex:  newVertexFamilies(),
		subtask: newSubtaskFamilies(),
		derived: newDerivedFamilies(),
		limits:  limits{series: standard.MaxSeries, user: standard.MaxUserSeries},
	}
}

// all lists the families in the order of the documentation.
func (f *families) all() []*Family {
	jm, tm := f.process.jobManager, f.process.taskManager
	return slices.Concat(
		f.cluster.all(),
		jm.all(),
		tm.all(),
		f.job.all(),
		f.vertex.all(),
		f.subtask.all(),
		f.derived.all(),
	)
}

// Families lists every metric that the page may hold, for the documentation.
func Families() []*Family {
	return append(newFamilies().all(), newHandbook(nil).families...)
}

// render turns what a poll found into a page. Without a cluster, before the
// first answer, it is empty and names what is missing.
func (f *families) render(cluster string, s *pollResult) *page {
	p := newPage(cluster, f.limits)
	f.renderCluster(p, s)
	f.renderProcess(p, f.process.jobManager, s.jobManager, false)
	for _, tm := range s.taskManagers {
		f.renderTaskManager(p, tm)
	}
	for _, job := range s.jobs {
		f.renderJob(p, job)
	}
	return p
}
