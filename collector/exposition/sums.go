package exposition

import (
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// sumFamilies are the families over all TaskManagers: sums, and the worst value of any.
type sumFamilies struct {
	memoryUsed, memoryUsedMax, memoryCommitted, memoryMax *metricnames.Family
	buffers, bufferCapacity, threads, threadsMax          *metricnames.Family
	filesOpen, filesOpenMax, filesLimitMin                *metricnames.Family
	segments, segmentsAvailable, segmentsUsed             *metricnames.Family
	segmentsAvailableMin, networkRequestedMax             *metricnames.Family

	cpu, gcTime, gcCount, classesLoaded, classesUnloaded *metricnames.Family
}

func newSumFamilies() sumFamilies {
	const (
		over = " Flink: /taskmanagers/metrics, "
		// comesAndGoes is part of every counter's help.
		comesAndGoes = ", summed over all TaskManagers since the sidecar started; changes while a TaskManager " +
			"joins or leaves are not counted." + over + "sum of "
	)
	of := func(kind func(string, string, ...string) *metricnames.Family, name, help string,
		labels ...string,
	) *metricnames.Family {
		return kind("flink_cluster_tm_"+name, help, labels...)
	}
	return sumFamilies{
		memoryUsed: of(metricnames.Gauge, "memory_used_bytes", "Used memory of an area, summed over all "+
			"TaskManagers. Areas overlap."+over+"sum of Status.*.Used.", "area"),
		memoryUsedMax: of(metricnames.Gauge, "memory_used_bytes_max",
			"Used memory of an area in the TaskManager with most."+over+"max of Status.*.Used.", "area"),
		memoryCommitted: of(metricnames.Gauge, "memory_committed_bytes", "Committed memory of an area, "+
			"summed over all TaskManagers."+over+"sum of Status.JVM.Memory.*.Committed.", "area"),
		memoryMax: of(metricnames.Gauge, "memory_max_bytes",
			"Limit of a memory area, summed over all TaskManagers."+over+"sum of Status.*.Max or Total.", "area"),
		buffers: of(metricnames.Gauge, "buffers", "Buffers in a pool outside the heap, summed over "+
			"all TaskManagers."+over+"sum of Status.JVM.Memory.*.Count.", "pool"),
		bufferCapacity: of(metricnames.Gauge, "buffer_capacity_bytes", "Capacity of the buffers in a pool "+
			"outside the heap, summed over all TaskManagers."+over+"sum of Status.JVM.Memory.*.TotalCapacity.",
			"pool"),
		threads: of(metricnames.Gauge, "threads",
			"Live threads of all TaskManagers."+over+"sum of Status.JVM.Threads.Count."),
		threadsMax: of(metricnames.Gauge, "threads_max",
			"Live threads of the TaskManager with most."+over+"max of Status.JVM.Threads.Count."),
		filesOpen: of(metricnames.Gauge, "file_descriptors_open", "Open file descriptors of all "+
			"TaskManagers; Flink 2 and later."+over+"sum of "+metricnames.FilesOpen+"."),
		filesOpenMax: of(metricnames.Gauge, "file_descriptors_open_max", "Open file descriptors of the "+
			"TaskManager with most; Flink 2 and later."+over+"max of "+metricnames.FilesOpen+"."),
		filesLimitMin: of(metricnames.Gauge, "file_descriptors_limit_min", "Lowest limit of open file "+
			"descriptors of any TaskManager; Flink 2 and later."+over+"min of "+metricnames.FilesLimit+"."),
		segments: of(metricnames.Gauge, "network_segments",
			"Segments of network memory of all TaskManagers."+over+"sum of "+metricnames.Segments+"."),
		segmentsAvailable: of(metricnames.Gauge, "network_segments_available", "Free segments of network "+
			"memory, summed over all TaskManagers."+over+"sum of "+metricnames.SegmentsAvailable+"."),
		segmentsAvailableMin: of(metricnames.Gauge, "network_segments_available_min", "Free segments of network "+
			"memory of the TaskManager with fewest."+over+"min of "+metricnames.SegmentsAvailable+"."),
		segmentsUsed: of(metricnames.Gauge, "network_segments_used", "Used segments of network memory, "+
			"summed over all TaskManagers."+over+"sum of "+metricnames.SegmentsUsed+"."),
		networkRequestedMax: of(metricnames.Gauge, "network_requested_ratio_max", "Network memory that tasks "+
			"request, as a share of the total, of the TaskManager with most."+over+"max of "+
			metricnames.NetworkRequested+", in percent."),

		cpu: of(metricnames.Counter, "cpu_seconds_total",
			"CPU time used by the JVMs"+comesAndGoes+metricnames.CPUTime+", in nanoseconds."),
		gcTime: of(metricnames.Counter, "gc_seconds_total",
			"Time spent by a garbage collector"+comesAndGoes+"Status.JVM.GarbageCollector.*.Time, in milliseconds.",
			"gc"),
		gcCount: of(metricnames.Counter, "gc_collections_total",
			"Collections done by a garbage collector"+comesAndGoes+"Status.JVM.GarbageCollector.*.Count.", "gc"),
		classesLoaded: of(metricnames.Counter, "classes_loaded_total",
			"Classes loaded"+comesAndGoes+metricnames.ClassesLoaded+"."),
		classesUnloaded: of(metricnames.Counter, "classes_unloaded_total",
			"Classes unloaded"+comesAndGoes+metricnames.ClassesUnloaded+"."),
	}
}

func (s sumFamilies) all() []*metricnames.Family {
	return []*metricnames.Family{
		s.cpu, s.memoryUsed, s.memoryUsedMax, s.memoryCommitted, s.memoryMax, s.buffers, s.bufferCapacity,
		s.gcTime, s.gcCount, s.threads, s.threadsMax, s.classesLoaded, s.classesUnloaded,
		s.filesOpen, s.filesOpenMax, s.filesLimitMin,
		s.segments, s.segmentsAvailable, s.segmentsAvailableMin, s.segmentsUsed, s.networkRequestedMax,
	}
}

// of returns the sum, the least and the greatest value of a metric over all TaskManagers;
// a limit of -1 means none.
func of(sums flink.Aggregates, name string) (sum, least, most *float64) {
	a, ok := sums[name]
	if !ok || a.Min < 0 {
		return nil, nil, nil
	}
	return &a.Sum, &a.Min, &a.Max
}

func (s sumFamilies) render(p *Page, sums flink.Aggregates) {
	for _, area := range metricnames.AreasOf(true) {
		sum, _, most := of(sums, area.Used)
		p.want(s.memoryUsed, sum, area.Label)
		p.want(s.memoryUsedMax, most, area.Label)
		sum, _, _ = of(sums, area.Committed)
		p.maybe(s.memoryCommitted, sum, area.Label)
		sum, _, _ = of(sums, area.Limit)
		p.maybe(s.memoryMax, sum, area.Label)
	}
	for _, pool := range metricnames.Pools() {
		sum, _, _ := of(sums, pool.Count)
		p.maybe(s.buffers, sum, pool.Label)
		sum, _, _ = of(sums, pool.Capacity)
		p.maybe(s.bufferCapacity, sum, pool.Label)
	}
	sum, _, most := of(sums, metricnames.Threads)
	p.want(s.threads, sum)
	p.want(s.threadsMax, most)
	sum, _, most = of(sums, metricnames.FilesOpen)
	p.maybe(s.filesOpen, sum)
	p.maybe(s.filesOpenMax, most)
	_, least, _ := of(sums, metricnames.FilesLimit)
	p.maybe(s.filesLimitMin, least)
	s.renderNetwork(p, sums)
}

func (s sumFamilies) renderNetwork(p *Page, sums flink.Aggregates) {
	sum, _, _ := of(sums, metricnames.Segments)
	p.want(s.segments, sum)
	sum, least, _ := of(sums, metricnames.SegmentsAvailable)
	p.want(s.segmentsAvailable, sum)
	p.want(s.segmentsAvailableMin, least)
	sum, _, _ = of(sums, metricnames.SegmentsUsed)
	p.want(s.segmentsUsed, sum)
	_, _, most := of(sums, metricnames.NetworkRequested)
	p.maybe(s.networkRequestedMax, metricnames.To(metricnames.Percent, most))
}

func (s sumFamilies) renderCounters(p *Page, totals flink.Values) {
	p.want(s.cpu, metricnames.To(metricnames.NanosPerSecond, metricnames.Pick(totals, metricnames.CPUTime)))
	p.want(s.classesLoaded, metricnames.Pick(totals, metricnames.ClassesLoaded))
	p.want(s.classesUnloaded, metricnames.Pick(totals, metricnames.ClassesUnloaded))
	collectors := metricnames.CollectorsOf(totals)
	for _, gc := range collectors {
		p.maybe(s.gcTime, metricnames.To(metricnames.MillisPerSecond,
			metricnames.Pick(totals, metricnames.GCTime(gc))), gc)
		p.maybe(s.gcCount, metricnames.Pick(totals, metricnames.GCCount(gc)), gc)
	}
	if len(collectors) == 0 {
		p.want(s.gcTime, nil, "")
		p.want(s.gcCount, nil, "")
	}
}
