package exposition

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// processFamilies are those of the JobManager and of each TaskManager.
type processFamilies struct{ jobManager, taskManager jvmFamilies }

type jvmFamilies struct {
	cpu, memoryUsed, memoryCommitted, memoryMax, buffers, bufferCapacity *metricnames.Family
	gcTime, gcCount, threads, classesLoaded, classesUnloaded             *metricnames.Family
	filesOpen, filesLimit                                                *metricnames.Family
	// Only TaskManagers have these.
	slots, slotsFree, segments, segmentsAvailable, segmentsUsed, networkRequested *metricnames.Family
}

func newTaskManagerFamilies() jvmFamilies {
	f := newJVMFamilies("flink_tm_", "a TaskManager", "taskmanager")
	of := func(name, help string) *metricnames.Family {
		return metricnames.Gauge("flink_tm_"+name, help, "taskmanager")
	}
	f.slots = of("slots", "Task slots of a TaskManager. Flink: /taskmanagers slotsNumber.")
	f.slotsFree = of("slots_free", "Free task slots of a TaskManager. Flink: /taskmanagers freeSlots.")
	f.segments = of("network_segments",
		"Segments of network memory of a TaskManager. Flink: "+metricnames.Segments+".")
	f.segmentsAvailable = of("network_segments_available",
		"Free segments of network memory of a TaskManager. Flink: "+metricnames.SegmentsAvailable+".")
	f.segmentsUsed = of("network_segments_used",
		"Used segments of network memory of a TaskManager. Flink: "+metricnames.SegmentsUsed+".")
	f.networkRequested = of("network_requested_ratio", "Network memory that the tasks of a TaskManager request, "+
		"as a share of its total; above 1 there is not enough. Flink: "+metricnames.NetworkRequested+", in percent.")
	return f
}

func newJVMFamilies(prefix, process string, labels ...string) jvmFamilies {
	with := func(label string) []string { return append(slices.Clone(labels), label) }
	return jvmFamilies{
		cpu: metricnames.Counter(prefix+"cpu_seconds_total",
			"CPU time used by the JVM of "+process+". Flink: Status.JVM.CPU.Time, in nanoseconds.", labels...),
		memoryUsed: metricnames.Gauge(prefix+"memory_used_bytes",
			"Used memory of an area in "+process+". Areas overlap: metaspace is part of non_heap. Flink: "+
				"Status.*.Used or UsedMemory.", with("area")...),
		memoryCommitted: metricnames.Gauge(prefix+"memory_committed_bytes",
			"Committed memory of an area in "+process+". Flink: Status.JVM.Memory.*.Committed.", with("area")...),
		memoryMax: metricnames.Gauge(prefix+"memory_max_bytes",
			"Limit of a memory area in "+process+". Flink: Status.*.Max, Total or TotalMemory.", with("area")...),
		buffers: metricnames.Gauge(prefix+"buffers",
			"Buffers in a pool outside the heap of "+process+". Flink: Status.JVM.Memory.*.Count.", with("pool")...),
		bufferCapacity: metricnames.Gauge(prefix+"buffer_capacity_bytes", "Capacity of the buffers in a pool "+
			"outside the heap of "+process+". Flink: Status.JVM.Memory.*.TotalCapacity.", with("pool")...),
		gcTime: metricnames.Counter(prefix+"gc_seconds_total",
			"Time spent by a garbage collector in "+process+". Flink: Status.JVM.GarbageCollector.*.Time, in "+
				"milliseconds.", with("gc")...),
		gcCount: metricnames.Counter(prefix+"gc_collections_total", "Collections done by a garbage "+
			"collector in "+process+". Flink: Status.JVM.GarbageCollector.*.Count.", with("gc")...),
		threads: metricnames.Gauge(prefix+"threads",
			"Live threads of "+process+". Flink: Status.JVM.Threads.Count.", labels...),
		classesLoaded: metricnames.Counter(prefix+"classes_loaded_total",
			"Classes loaded by the JVM of "+process+", including unloaded ones. Flink: "+metricnames.ClassesLoaded+
				".", labels...),
		classesUnloaded: metricnames.Counter(prefix+"classes_unloaded_total",
			"Classes unloaded by the JVM of "+process+". Flink: "+metricnames.ClassesUnloaded+".", labels...),
		filesOpen: metricnames.Gauge(prefix+"file_descriptors_open",
			"Open file descriptors of "+process+"; Flink 2 and later. Flink: "+metricnames.FilesOpen+".", labels...),
		filesLimit: metricnames.Gauge(prefix+"file_descriptors_limit",
			"Limit of open file descriptors of "+process+"; Flink 2 and later. Flink: "+metricnames.FilesLimit+".",
			labels...),
	}
}

func (j jvmFamilies) all() []*metricnames.Family {
	all := []*metricnames.Family{
		j.cpu, j.memoryUsed, j.memoryCommitted, j.memoryMax, j.buffers, j.bufferCapacity,
		j.gcTime, j.gcCount, j.threads, j.classesLoaded, j.classesUnloaded, j.filesOpen, j.filesLimit,
		j.slots, j.slotsFree, j.segments, j.segmentsAvailable, j.segmentsUsed, j.networkRequested,
	}
	return slices.DeleteFunc(all, func(f *metricnames.Family) bool { return f == nil })
}

// renderTaskManager puts one TaskManager on the page.
func (f *Renderer) renderTaskManager(p *Page, tm TaskManager) {
	to := f.process.taskManager
	p.Add(to.slots, float64(tm.Slots), tm.ID)
	p.Add(to.slotsFree, float64(tm.FreeSlots), tm.ID)
	if !tm.Detailed {
		return
	}
	f.renderProcess(p, to, tm.Metrics, true, tm.ID)
	p.want(to.segments, metricnames.Pick(tm.Metrics, metricnames.Segments), tm.ID)
	p.want(to.segmentsAvailable, metricnames.Pick(tm.Metrics, metricnames.SegmentsAvailable), tm.ID)
	p.want(to.segmentsUsed, metricnames.Pick(tm.Metrics, metricnames.SegmentsUsed), tm.ID)
	p.maybe(to.networkRequested, metricnames.To(metricnames.Percent,
		metricnames.Pick(tm.Metrics, metricnames.NetworkRequested)), tm.ID)
}

// renderProcess puts the metrics of one JVM on the page.
func (f *Renderer) renderProcess(p *Page, to jvmFamilies, metrics flink.Values, worker bool, labels ...string) {
	with := func(label string) []string { return append(slices.Clip(labels), label) }
	p.want(to.cpu, metricnames.To(metricnames.NanosPerSecond, metricnames.Pick(metrics, metricnames.CPUTime)),
		labels...)
	p.want(to.threads, metricnames.Pick(metrics, metricnames.Threads), labels...)
	p.want(to.classesLoaded, metricnames.Pick(metrics, metricnames.ClassesLoaded), labels...)
	p.want(to.classesUnloaded, metricnames.Pick(metrics, metricnames.ClassesUnloaded), labels...)
	p.maybe(to.filesOpen, metricnames.NotNegative(metricnames.Pick(metrics, metricnames.FilesOpen)), labels...)
	p.maybe(to.filesLimit, metricnames.NotNegative(metricnames.Pick(metrics, metricnames.FilesLimit)), labels...)
	for _, area := range metricnames.AreasOf(worker) {
		p.want(to.memoryUsed, metricnames.Pick(metrics, area.Used), with(area.Label)...)
		p.maybe(to.memoryCommitted, metricnames.Pick(metrics, area.Committed), with(area.Label)...)
		p.maybe(to.memoryMax, metricnames.NotNegative(metricnames.Pick(metrics, area.Limit)), with(area.Label)...)
	}
	for _, pool := range metricnames.Pools() {
		p.maybe(to.buffers, metricnames.Pick(metrics, pool.Count), with(pool.Label)...)
		p.maybe(to.bufferCapacity, metricnames.Pick(metrics, pool.Capacity), with(pool.Label)...)
	}
	if !f.renderCollectors(p, to, metrics, labels) {
		p.want(to.gcTime, nil, with("")...)
		p.want(to.gcCount, nil, with("")...)
	}
}

// renderCollectors puts the garbage collectors of one JVM on the page, and
// reports whether there are any.
func (f *Renderer) renderCollectors(p *Page, to jvmFamilies, metrics flink.Values, labels []string) (found bool) {
	for _, gc := range metricnames.CollectorsOf(metrics) {
		with := append(slices.Clip(labels), gc)
		p.maybe(to.gcCount, metricnames.Pick(metrics, metricnames.GCCount(gc)), with...)
		p.maybe(to.gcTime, metricnames.To(metricnames.MillisPerSecond,
			metricnames.Pick(metrics, metricnames.GCTime(gc))), with...)
		found = true
	}
	return found
}
