package metricnames

import (
	"maps"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Names of metrics of a JVM that several places use.
const (
	CPUTime         = "Status.JVM.CPU.Time" // nanoseconds
	HeapUsed        = "Status.JVM.Memory.Heap.Used"
	HeapMax         = "Status.JVM.Memory.Heap.Max"
	Threads         = "Status.JVM.Threads.Count"
	ClassesLoaded   = "Status.JVM.ClassLoader.ClassesLoaded" // since the JVM started
	ClassesUnloaded = "Status.JVM.ClassLoader.ClassesUnloaded"
	FilesOpen       = "Status.JVM.FileDescriptor.Open" // since Flink 2
	FilesLimit      = "Status.JVM.FileDescriptor.Max"
)

// Names of metrics of a TaskManager's network stack.
const (
	Segments          = "Status.Shuffle.Netty.TotalMemorySegments"
	SegmentsAvailable = "Status.Shuffle.Netty.AvailableMemorySegments"
	SegmentsUsed      = "Status.Shuffle.Netty.UsedMemorySegments"
	NetworkRequested  = "Status.Shuffle.Netty.RequestedMemoryUsage" // percent, may pass 100
)

// area is one area of a process' memory. Areas overlap: metaspace is part of non-heap,
// and network memory is mostly direct.
type area struct {
	Label string
	// Used, Limit and Committed are Flink's names, in bytes; Limit and Committed may be
	// empty.
	Used, Limit, Committed string
	// worker is true for what only a TaskManager has.
	worker bool
}

func areas() []area {
	ofJVM := func(label, name string) area {
		prefix := "Status.JVM.Memory." + name
		return area{Label: label, Used: prefix + ".Used", Limit: prefix + ".Max", Committed: prefix + ".Committed"}
	}
	return []area{
		ofJVM("heap", "Heap"),
		ofJVM("non_heap", "NonHeap"),
		ofJVM("metaspace", "Metaspace"),
		{Label: "direct", Used: "Status.JVM.Memory.Direct.MemoryUsed"},
		{Label: "mapped", Used: "Status.JVM.Memory.Mapped.MemoryUsed"},
		{
			Label: "managed", Used: "Status.Flink.Memory.Managed.Used", Limit: "Status.Flink.Memory.Managed.Total",
			worker: true,
		},
		{
			Label: "network", Used: "Status.Shuffle.Netty.UsedMemory", Limit: "Status.Shuffle.Netty.TotalMemory",
			worker: true,
		},
	}
}

// AreasOf returns the areas of a TaskManager (worker) or of the JobManager.
func AreasOf(worker bool) []area {
	return slices.DeleteFunc(areas(), func(a area) bool { return a.worker && !worker })
}

// pool is one of a JVM's pools of buffers outside the heap.
type pool struct {
	Label string
	// Count and Capacity are Flink's names, the latter in bytes.
	Count, Capacity string
}

// Pools returns the pools of buffers outside the heap of every JVM.
func Pools() []pool {
	return []pool{
		{"direct", "Status.JVM.Memory.Direct.Count", "Status.JVM.Memory.Direct.TotalCapacity"},
		{"mapped", "Status.JVM.Memory.Mapped.Count", "Status.JVM.Memory.Mapped.TotalCapacity"},
	}
}

// plainNames are the metrics of a process without those of its garbage collectors, whose
// names differ from JVM to JVM.
func plainNames(worker bool) []string {
	names := []string{CPUTime, Threads, ClassesLoaded, ClassesUnloaded, FilesOpen, FilesLimit}
	for _, a := range AreasOf(worker) {
		names = append(names, a.Used, a.Limit, a.Committed)
	}
	for _, p := range Pools() {
		names = append(names, p.Count, p.Capacity)
	}
	if worker {
		names = append(names, Segments, SegmentsAvailable, SegmentsUsed, NetworkRequested)
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// ProcessNames returns all metrics that are read of one process, with those of the named
// garbage collectors.
func ProcessNames(worker bool, collectors []string) []string {
	names := plainNames(worker)
	for _, collector := range collectors {
		names = append(names, GCCount(collector), GCTime(collector))
	}
	return names
}

// SumNames returns the metrics that are read over all TaskManagers; known are the metrics
// that these list. A name that none of them has would leave the whole answer empty, so
// only listed names are read; where no list is known, what all JVMs have.
func SumNames(known, collectors []string) []string {
	if len(known) == 0 {
		return slices.DeleteFunc(plainNames(true),
			func(name string) bool { return name == FilesOpen || name == FilesLimit })
	}
	return slices.DeleteFunc(ProcessNames(true, collectors),
		func(name string) bool { return !slices.Contains(known, name) })
}

// Pick returns the value under name, nil if it is unknown.
func Pick(values flink.Values, name string) *float64 {
	if value, ok := values[name]; ok {
		return &value
	}
	return nil
}

// To converts a value that may be unknown to a unit that holds so many of Flink's:
// NanosPerSecond of them make a second.
func To(unit float64, value *float64) *float64 {
	if value == nil {
		return nil
	}
	converted := *value / unit
	return &converted
}

// NotNegative returns the value, or nil if it is negative: Flink's sign that there is
// none.
func NotNegative(value *float64) *float64 {
	if value == nil || *value < 0 {
		return nil
	}
	return value
}

// Flink's units in one of ours.
const (
	NanosPerSecond  = 1e9
	MillisPerSecond = 1e3
	Percent         = 100
)

// GarbageCollectors returns Flink's names of the collectors of OpenJDK. A JVM has two or
// three of them. They are fixed here because reading a metric that a process does not
// have costs nothing, while listing its names does.
func GarbageCollectors() []string {
	return []string{
		"G1_Young_Generation", "G1_Old_Generation", "G1_Concurrent_GC",
		"Copy", "MarkSweepCompact",
		"PS_Scavenge", "PS_MarkSweep",
		"ZGC_Cycles", "ZGC_Pauses", "ZGC_Minor_Cycles", "ZGC_Minor_Pauses", "ZGC_Major_Cycles", "ZGC_Major_Pauses",
		"Shenandoah_Cycles", "Shenandoah_Pauses",
	}
}

// GCPrefix is the beginning of every name of a collector's metric.
const GCPrefix = "Status.JVM.GarbageCollector."

// GCTimeEnding is the ending of the names of GCTime.
const GCTimeEnding = ".Time"

// GCCount is Flink's name of the number of collections of a collector.
func GCCount(collector string) string { return GCPrefix + collector + ".Count" }

// GCTime is Flink's name of the time of a collector, in milliseconds.
func GCTime(collector string) string { return GCPrefix + collector + GCTimeEnding }

// Bounds of the garbage collectors that TaskManagers list: with both, all metrics of a
// process fit into one request.
const (
	MaxCollectors    = 8
	MaxCollectorName = 32 // bytes
)

// EveryCollector is what Flink calls the sum over all collectors of a JVM.
const EveryCollector = "All"

// CollectorsIn returns the garbage collectors that appear in a list of metrics.
func CollectorsIn(names []string) []string {
	var found []string
	for _, name := range names {
		collector, isGC := strings.CutPrefix(name, GCPrefix)
		collector, isTime := strings.CutSuffix(collector, GCTimeEnding)
		if isGC && isTime && collector != EveryCollector && len(collector) <= MaxCollectorName && simple(collector) {
			found = append(found, collector)
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	return found[:min(len(found), MaxCollectors)]
}

// simple reports whether a name has only the characters that Flink leaves in the names of
// garbage collectors: letters, digits and underscores.
func simple(name string) bool {
	odd := func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	return name != "" && !strings.ContainsFunc(name, odd)
}

// CollectorsOf returns the garbage collectors whose time is among the values.
func CollectorsOf[V any](values map[string]V) []string {
	return CollectorsIn(slices.Collect(maps.Keys(values)))
}
