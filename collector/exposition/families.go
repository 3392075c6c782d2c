package exposition

import (
	"slices"
	"sync"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
)

// Renderer turns the results of a poll into a page.
type Renderer struct {
	*families

	limits Limits
}

// families are every family that a page can hold, beside those of Flink's own names. The prefixes
// flink_jobmanager_ and flink_taskmanager_ belong to Flink's own reporter: ours are flink_jm_ and
// flink_tm_.
type families struct {
	cluster clusterFamilies
	process processFamilies
	job     jobFamilies
	vertex  vertexFamilies
	subtask subtaskFamilies
	derived derivedFamilies
}

// everyFamily is the same for every cluster, and is never changed.
var everyFamily = sync.OnceValue(func() *families {
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
	}
})

// New returns a renderer whose pages stay within the limits.
func New(limits Limits) *Renderer { return &Renderer{everyFamily(), limits} }

// All lists the families in the order of the documentation.
func (f *families) All() []*metricnames.Family {
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
func Families() []*metricnames.Family {
	return append(New(Limits{}).All(), metricnames.NewIndex(nil).Families...)
}

// Render turns the results of a poll into a page. Without a cluster, before the first
// answer, the page is empty and names what is missing.
func (f *Renderer) Render(cluster string, s *View) *Page {
	p := NewPage(cluster, f.limits)
	f.renderCluster(p, s)
	f.renderProcess(p, f.process.jobManager, s.JobManager, false)
	for _, tm := range s.TaskManagers {
		f.renderTaskManager(p, tm)
	}
	for _, job := range s.Jobs {
		f.renderJob(p, job)
	}
	return p.complete()
}
