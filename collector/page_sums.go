package collector

import (
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// sumFamilies are those over all TaskManagers: sums, and what the worst of them
// has.
type sumFamilies struct {
	memoryUsed, memoryUsedMax, memoryCommitted, memoryMax *Family
	buffers, bufferCapacity, threads, threadsMax          *Family
	filesOpen, filesOpenMax, filesLimitMin                *Family
	segments, segmentsAvailable, segmentsUsed             *Family
	segmentsAvailableMin, networkRequestedMax             *Family

	cpu, gcTime, gcCount, classesLoaded, classesUnloaded *Family
}

func newSumFamilies() sumFamilies {
	const (
		over = " Flink: /taskmanagers/metrics, "
		// comesAndGoes is said of every counter.
		comesAndGoes = ", summed over all TaskManagers since the sidecar looks at them; what passes while one comes or goes is not counted." + over + "sum of "
	)
	of := func(kind func(string, string, ...string) *Family, name, help string, labels ...string) *Family {
		return kind("flink_cluster_tm_"+name, help, labels...)
	}
	return sumFamilies{
		memoryUsed:           of(gauge, "memory_used_bytes", "Memory used in an area, summed over all TaskManagers. Areas overlap."+over+"sum of Status.*.Used.", "area"),
		memoryUsedMax:        of(gauge, "memory_used_bytes_max", "Memory used in an area by the TaskManager that uses most."+over+"max of Status.*.Used.", "area"),
		memoryCommitted:      of(gauge, "memory_committed_bytes", "Memory that operating systems have given to an area, summed over all TaskManagers."+over+"sum of Status.JVM.Memory.*.Committed.", "area"),
		memoryMax:            of(gauge, "memory_max_bytes", "Limit of an area of memory, summed over all TaskManagers."+over+"sum of Status.*.Max or Total.", "area"),
		buffers:              of(gauge, "buffers", "Buffers in a pool outside the heap, summed over all TaskManagers."+over+"sum of Status.JVM.Memory.*.Count.", "pool"),
		bufferCapacity:       of(gauge, "buffer_capacity_bytes", "Capacity of the buffers in a pool outside the heap, summed over all TaskManagers."+over+"sum of Status.JVM.Memory.*.TotalCapacity.", "pool"),
		threads:              of(gauge, "threads", "Live threads of all TaskManagers."+over+"sum of Status.JVM.Threads.Count."),
		threadsMax:           of(gauge, "threads_max", "Live threads of the TaskManager that has most."+over+"max of Status.JVM.Threads.Count."),
		filesOpen:            of(gauge, "file_descriptors_open", "File descriptors that all TaskManagers have open; Flink 2 and later."+over+"sum of "+filesOpen+"."),
		filesOpenMax:         of(gauge, "file_descriptors_open_max", "File descriptors of the TaskManager that has most open; Flink 2 and later."+over+"max of "+filesOpen+"."),
		filesLimitMin:        of(gauge, "file_descriptors_limit_min", "File descriptors that the TaskManager with the lowest limit may have open; Flink 2 and later."+over+"min of "+filesLimit+"."),
		segments:             of(gauge, "network_segments", "Segments of network memory of all TaskManagers."+over+"sum of "+segments+"."),
		segmentsAvailable:    of(gauge, "network_segments_available", "Segments of network memory that nobody uses, summed over all TaskManagers."+over+"sum of "+segmentsAvailable+"."),
		segmentsAvailableMin: of(gauge, "network_segments_available_min", "Segments of network memory that nobody uses, of the TaskManager with fewest."+over+"min of "+segmentsAvailable+"."),
		segmentsUsed:         of(gauge, "network_segments_used", "Segments of network memory in use, summed over all TaskManagers."+over+"sum of "+segmentsUsed+"."),
		networkRequestedMax:  of(gauge, "network_requested_ratio_max", "Network memory that tasks ask for, as a share of what there is, of the TaskManager with most."+over+"max of "+networkRequested+", in percent."),

		cpu:             of(counter, "cpu_seconds_total", "CPU time used by the JVMs"+comesAndGoes+cpuTime+", in nanoseconds."),
		gcTime:          of(counter, "gc_seconds_total", "Time spent by a garbage collector"+comesAndGoes+"Status.JVM.GarbageCollector.*.Time, in milliseconds.", "gc"),
		gcCount:         of(counter, "gc_collections_total", "Collections done by a garbage collector"+comesAndGoes+"Status.JVM.GarbageCollector.*.Count.", "gc"),
		classesLoaded:   of(counter, "classes_loaded_total", "Classes loaded"+comesAndGoes+classesLoaded+"."),
		classesUnloaded: of(counter, "classes_unloaded_total", "Classes unloaded"+comesAndGoes+classesUnloaded+"."),
	}
}

func (s sumFamilies) all() []*Family {
	return []*Family{
		s.cpu, s.memoryUsed, s.memoryUsedMax, s.memoryCommitted, s.memoryMax, s.buffers, s.bufferCapacity,
		s.gcTime, s.gcCount, s.threads, s.threadsMax, s.classesLoaded, s.classesUnloaded,
		s.filesOpen, s.filesOpenMax, s.filesLimitMin,
		s.segments, s.segmentsAvailable, s.segmentsAvailableMin, s.segmentsUsed, s.networkRequestedMax,
	}
}

// of takes a metric over all TaskManagers apart; a limit of -1 is none.
func of(sums flink.Aggregates, name string) (sum, least, most *float64) {
	a, ok := sums[name]
	if !ok || a.Min < 0 {
		return nil, nil, nil
	}
	return &a.Sum, &a.Min, &a.Max
}

func (s sumFamilies) render(p *page, sums flink.Aggregates) {
	for _, area := range areasOf(true) {
		sum, _, most := of(sums, area.used)
		p.want(s.memoryUsed, sum, area.label)
		p.want(s.memoryUsedMax, most, area.label)
		sum, _, _ = of(sums, area.committed)
		p.maybe(s.memoryCommitted, sum, area.label)
		sum, _, _ = of(sums, area.limit)
		p.maybe(s.memoryMax, sum, area.label)
	}
	for _, pool := range pools() {
		sum, _, _ := of(sums, pool.count)
		p.maybe(s.buffers, sum, pool.label)
		sum, _, _ = of(sums, pool.capacity)
		p.maybe(s.bufferCapacity, sum, pool.label)
	}
	sum, _, most := of(sums, threads)
	p.want(s.threads, sum)
	p.want(s.threadsMax, most)
	sum, _, most = of(sums, filesOpen)
	p.maybe(s.filesOpen, sum)
	p.maybe(s.filesOpenMax, most)
	_, least, _ := of(sums, filesLimit)
	p.maybe(s.filesLimitMin, least)
	s.renderNetwork(p, sums)
}

func (s sumFamilies) renderNetwork(p *page, sums flink.Aggregates) {
	sum, _, _ := of(sums, segments)
	p.want(s.segments, sum)
	sum, least, _ := of(sums, segmentsAvailable)
	p.want(s.segmentsAvailable, sum)
	p.want(s.segmentsAvailableMin, least)
	sum, _, _ = of(sums, segmentsUsed)
	p.want(s.segmentsUsed, sum)
	_, _, most := of(sums, networkRequested)
	p.maybe(s.networkRequestedMax, in(percent, most))
}

func (s sumFamilies) renderCounters(p *page, totals flink.Values) {
	p.want(s.cpu, in(nanosPerSecond, pick(totals, cpuTime)))
	p.want(s.classesLoaded, pick(totals, classesLoaded))
	p.want(s.classesUnloaded, pick(totals, classesUnloaded))
	collectors := collectorsOf(totals)
	for _, gc := range collectors {
		p.maybe(s.gcTime, in(millisPerSecond, pick(totals, gcTime(gc))), gc)
		p.maybe(s.gcCount, pick(totals, gcCount(gc)), gc)
	}
	if len(collectors) == 0 {
		p.want(s.gcTime, nil, "")
		p.want(s.gcCount, nil, "")
	}
}
