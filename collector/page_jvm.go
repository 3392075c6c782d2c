package collector

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// processFamilies are those of the JobManager and of each TaskManager.
type processFamilies struct{ jobManager, taskManager jvmFamilies }

type jvmFamilies struct {
	cpu, memoryUsed, memoryMax, gcTime, gcCount, threads, slots, slotsFree *Family
}

func newTaskManagerFamilies() jvmFamilies {
	f := newJVMFamilies("flink_tm_", "a TaskManager", "taskmanager")
	f.slots = gauge("flink_tm_slots", "Task slots of a TaskManager. Flink: /taskmanagers slotsNumber.", "taskmanager")
	f.slotsFree = gauge("flink_tm_slots_free", "Task slots of a TaskManager in which nothing runs. Flink: /taskmanagers freeSlots.", "taskmanager")
	return f
}

func newJVMFamilies(prefix, process string, labels ...string) jvmFamilies {
	with := func(label string) []string { return append(slices.Clone(labels), label) }
	return jvmFamilies{
		cpu:        counter(prefix+"cpu_seconds_total", "CPU time used by the JVM of "+process+". Flink: Status.JVM.CPU.Time, in nanoseconds.", labels...),
		memoryUsed: gauge(prefix+"memory_used_bytes", "Memory used in an area by "+process+". Areas overlap: metaspace is part of non_heap. Flink: Status.*.Used or UsedMemory.", with("area")...),
		memoryMax:  gauge(prefix+"memory_max_bytes", "Limit of an area of memory of "+process+". Flink: Status.*.Max, Total or TotalMemory.", with("area")...),
		gcTime:     counter(prefix+"gc_seconds_total", "Time spent by a garbage collector in "+process+". Flink: Status.JVM.GarbageCollector.*.Time, in milliseconds.", with("gc")...),
		gcCount:    counter(prefix+"gc_collections_total", "Collections done by a garbage collector in "+process+". Flink: Status.JVM.GarbageCollector.*.Count.", with("gc")...),
		threads:    gauge(prefix+"threads", "Live threads of "+process+". Flink: Status.JVM.Threads.Count.", labels...),
	}
}

func (j jvmFamilies) all() []*Family {
	return []*Family{j.cpu, j.memoryUsed, j.memoryMax, j.gcTime, j.gcCount, j.threads}
}

// renderProcess puts the metrics of one JVM on the page.
func (f *families) renderProcess(p *page, to jvmFamilies, metrics flink.Values, worker bool, labels ...string) {
	with := func(label string) []string { return append(slices.Clip(labels), label) }
	p.want(to.cpu, in(nanosPerSecond, pick(metrics, cpuTime)), labels...)
	p.want(to.threads, pick(metrics, threads), labels...)
	for _, area := range areasOf(worker) {
		p.want(to.memoryUsed, pick(metrics, area.used), with(area.label)...)
		if limit := pick(metrics, area.limit); limit != nil && *limit >= 0 {
			p.add(to.memoryMax, *limit, with(area.label)...)
		}
	}
	found := false
	for _, gc := range garbageCollectors() {
		count, time := pick(metrics, gcCount(gc)), pick(metrics, gcTime(gc))
		found = found || count != nil && time != nil
		p.maybe(to.gcCount, count, with(gc)...)
		p.maybe(to.gcTime, in(millisPerSecond, time), with(gc)...)
	}
	if !found {
		p.want(to.gcTime, nil, with("")...)
		p.want(to.gcCount, nil, with("")...)
	}
}
