package collector

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// processFamilies are those of the JobManager and of each TaskManager.
type processFamilies struct{ jobManager, taskManager jvmFamilies }

type jvmFamilies struct {
	cpu, memoryUsed, memoryCommitted, memoryMax, buffers, bufferCapacity *Family
	gcTime, gcCount, threads, classesLoaded, classesUnloaded             *Family
	filesOpen, filesLimit                                                *Family
	// Only TaskManagers have these.
	slots, slotsFree, segments, segmentsAvailable, segmentsUsed, networkRequested *Family
}

func newTaskManagerFamilies() jvmFamilies {
	f := newJVMFamilies("flink_tm_", "a TaskManager", "taskmanager")
	of := func(name, help string) *Family { return gauge("flink_tm_"+name, help, "taskmanager") }
	f.slots = of("slots", "Task slots of a TaskManager. Flink: /taskmanagers slotsNumber.")
	f.slotsFree = of("slots_free", "Task slots of a TaskManager in which nothing runs. Flink: /taskmanagers freeSlots.")
	f.segments = of("network_segments", "Segments of network memory of a TaskManager. Flink: "+segments+".")
	f.segmentsAvailable = of("network_segments_available", "Segments of network memory of a TaskManager that nobody uses. Flink: "+segmentsAvailable+".")
	f.segmentsUsed = of("network_segments_used", "Segments of network memory of a TaskManager in use. Flink: "+segmentsUsed+".")
	f.networkRequested = of("network_requested_ratio", "Network memory that the tasks of a TaskManager ask for, as a share of what it has; above 1 it can't give it. Flink: "+networkRequested+", in percent.")
	return f
}

func newJVMFamilies(prefix, process string, labels ...string) jvmFamilies {
	with := func(label string) []string { return append(slices.Clone(labels), label) }
	return jvmFamilies{
		cpu:             counter(prefix+"cpu_seconds_total", "CPU time used by the JVM of "+process+". Flink: Status.JVM.CPU.Time, in nanoseconds.", labels...),
		memoryUsed:      gauge(prefix+"memory_used_bytes", "Memory used in an area by "+process+". Areas overlap: metaspace is part of non_heap. Flink: Status.*.Used or UsedMemory.", with("area")...),
		memoryCommitted: gauge(prefix+"memory_committed_bytes", "Memory that the operating system has given to an area of "+process+". Flink: Status.JVM.Memory.*.Committed.", with("area")...),
		memoryMax:       gauge(prefix+"memory_max_bytes", "Limit of an area of memory of "+process+". Flink: Status.*.Max, Total or TotalMemory.", with("area")...),
		buffers:         gauge(prefix+"buffers", "Buffers in a pool outside the heap of "+process+". Flink: Status.JVM.Memory.*.Count.", with("pool")...),
		bufferCapacity:  gauge(prefix+"buffer_capacity_bytes", "Capacity of the buffers in a pool outside the heap of "+process+". Flink: Status.JVM.Memory.*.TotalCapacity.", with("pool")...),
		gcTime:          counter(prefix+"gc_seconds_total", "Time spent by a garbage collector in "+process+". Flink: Status.JVM.GarbageCollector.*.Time, in milliseconds.", with("gc")...),
		gcCount:         counter(prefix+"gc_collections_total", "Collections done by a garbage collector in "+process+". Flink: Status.JVM.GarbageCollector.*.Count.", with("gc")...),
		threads:         gauge(prefix+"threads", "Live threads of "+process+". Flink: Status.JVM.Threads.Count.", labels...),
		classesLoaded:   counter(prefix+"classes_loaded_total", "Classes loaded by the JVM of "+process+", those unloaded again included. Flink: "+classesLoaded+".", labels...),
		classesUnloaded: counter(prefix+"classes_unloaded_total", "Classes unloaded by the JVM of "+process+". Flink: "+classesUnloaded+".", labels...),
		filesOpen:       gauge(prefix+"file_descriptors_open", "File descriptors that "+process+" has open; Flink 2 and later. Flink: "+filesOpen+".", labels...),
		filesLimit:      gauge(prefix+"file_descriptors_limit", "File descriptors that "+process+" may have open; Flink 2 and later. Flink: "+filesLimit+".", labels...),
	}
}

func (j jvmFamilies) all() []*Family {
	all := []*Family{
		j.cpu, j.memoryUsed, j.memoryCommitted, j.memoryMax, j.buffers, j.bufferCapacity,
		j.gcTime, j.gcCount, j.threads, j.classesLoaded, j.classesUnloaded, j.filesOpen, j.filesLimit,
		j.slots, j.slotsFree, j.segments, j.segmentsAvailable, j.segmentsUsed, j.networkRequested,
	}
	return slices.DeleteFunc(all, func(f *Family) bool { return f == nil })
}

// renderTaskManager puts one TaskManager on the page.
func (f *families) renderTaskManager(p *page, tm taskManagerRead) {
	to := f.process.taskManager
	p.add(to.slots, float64(tm.Slots), tm.ID)
	p.add(to.slotsFree, float64(tm.FreeSlots), tm.ID)
	if !tm.detailed {
		return
	}
	f.renderProcess(p, to, tm.metrics, true, tm.ID)
	p.want(to.segments, pick(tm.metrics, segments), tm.ID)
	p.want(to.segmentsAvailable, pick(tm.metrics, segmentsAvailable), tm.ID)
	p.want(to.segmentsUsed, pick(tm.metrics, segmentsUsed), tm.ID)
	p.maybe(to.networkRequested, in(percent, pick(tm.metrics, networkRequested)), tm.ID)
}

// renderProcess puts the metrics of one JVM on the page.
func (f *families) renderProcess(p *page, to jvmFamilies, metrics flink.Values, worker bool, labels ...string) {
	with := func(label string) []string { return append(slices.Clip(labels), label) }
	p.want(to.cpu, in(nanosPerSecond, pick(metrics, cpuTime)), labels...)
	p.want(to.threads, pick(metrics, threads), labels...)
	p.want(to.classesLoaded, pick(metrics, classesLoaded), labels...)
	p.want(to.classesUnloaded, pick(metrics, classesUnloaded), labels...)
	p.maybe(to.filesOpen, notNegative(pick(metrics, filesOpen)), labels...)
	p.maybe(to.filesLimit, notNegative(pick(metrics, filesLimit)), labels...)
	for _, area := range areasOf(worker) {
		p.want(to.memoryUsed, pick(metrics, area.used), with(area.label)...)
		p.maybe(to.memoryCommitted, pick(metrics, area.committed), with(area.label)...)
		p.maybe(to.memoryMax, notNegative(pick(metrics, area.limit)), with(area.label)...)
	}
	for _, pool := range pools() {
		p.maybe(to.buffers, pick(metrics, pool.count), with(pool.label)...)
		p.maybe(to.bufferCapacity, pick(metrics, pool.capacity), with(pool.label)...)
	}
	if !f.renderCollectors(p, to, metrics, labels) {
		p.want(to.gcTime, nil, with("")...)
		p.want(to.gcCount, nil, with("")...)
	}
}

// renderCollectors puts the garbage collectors of one JVM on the page, and
// reports whether there are any.
func (f *families) renderCollectors(p *page, to jvmFamilies, metrics flink.Values, labels []string) (found bool) {
	for _, gc := range collectorsOf(metrics) {
		with := append(slices.Clip(labels), gc)
		p.maybe(to.gcCount, pick(metrics, gcCount(gc)), with...)
		p.maybe(to.gcTime, in(millisPerSecond, pick(metrics, gcTime(gc))), with...)
		found = true
	}
	return found
}
