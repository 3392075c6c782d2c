package collector

import (
	"maps"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Names of metrics of a JVM, of which more than one place here must know.
const (
	cpuTime         = "Status.JVM.CPU.Time" // nanoseconds
	heapUsed        = "Status.JVM.Memory.Heap.Used"
	heapMax         = "Status.JVM.Memory.Heap.Max"
	threads         = "Status.JVM.Threads.Count"
	classesLoaded   = "Status.JVM.ClassLoader.ClassesLoaded" // since the JVM started
	classesUnloaded = "Status.JVM.ClassLoader.ClassesUnloaded"
	filesOpen       = "Status.JVM.FileDescriptor.Open" // since Flink 2
	filesLimit      = "Status.JVM.FileDescriptor.Max"
)

// Names of metrics of a TaskManager's network stack.
const (
	segments          = "Status.Shuffle.Netty.TotalMemorySegments"
	segmentsAvailable = "Status.Shuffle.Netty.AvailableMemorySegments"
	segmentsUsed      = "Status.Shuffle.Netty.UsedMemorySegments"
	networkRequested  = "Status.Shuffle.Netty.RequestedMemoryUsage" // percent, may pass 100
)

// area is one area of a process' memory. Areas overlap: metaspace is part of
// non-heap, and network memory is mostly direct.
type area struct {
	label string
	// used, limit and committed are the names in Flink, in bytes; limit and
	// committed may be empty.
	used, limit, committed string
	// worker is true for what only a TaskManager has.
	worker bool
}

func areas() []area {
	ofJVM := func(label, name string) area {
		prefix := "Status.JVM.Memory." + name
		return area{label: label, used: prefix + ".Used", limit: prefix + ".Max", committed: prefix + ".Committed"}
	}
	return []area{
		ofJVM("heap", "Heap"),
		ofJVM("non_heap", "NonHeap"),
		ofJVM("metaspace", "Metaspace"),
		{label: "direct", used: "Status.JVM.Memory.Direct.MemoryUsed"},
		{label: "mapped", used: "Status.JVM.Memory.Mapped.MemoryUsed"},
		{label: "managed", used: "Status.Flink.Memory.Managed.Used", limit: "Status.Flink.Memory.Managed.Total", worker: true},
		{label: "network", used: "Status.Shuffle.Netty.UsedMemory", limit: "Status.Shuffle.Netty.TotalMemory", worker: true},
	}
}

// areasOf are the areas of a TaskManager, or of the JobManager.
func areasOf(worker bool) []area {
	return slices.DeleteFunc(areas(), func(a area) bool { return a.worker && !worker })
}

// pool is one of a JVM's pools of buffers outside the heap.
type pool struct {
	label string
	// count and capacity are the names in Flink, the latter in bytes.
	count, capacity string
}

func pools() []pool {
	return []pool{
		{"direct", "Status.JVM.Memory.Direct.Count", "Status.JVM.Memory.Direct.TotalCapacity"},
		{"mapped", "Status.JVM.Memory.Mapped.Count", "Status.JVM.Memory.Mapped.TotalCapacity"},
	}
}

// plainNames are the metrics of a process but for those of its garbage
// collectors, whose names differ from JVM to JVM.
func plainNames(worker bool) []string {
	names := []string{cpuTime, threads, classesLoaded, classesUnloaded, filesOpen, filesLimit}
	for _, a := range areasOf(worker) {
		names = append(names, a.used, a.limit, a.committed)
	}
	for _, p := range pools() {
		names = append(names, p.count, p.capacity)
	}
	if worker {
		names = append(names, segments, segmentsAvailable, segmentsUsed, networkRequested)
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// processNames are all the metrics that are asked of one process, whose garbage
// collectors are among those named.
func processNames(worker bool, collectors []string) []string {
	names := plainNames(worker)
	for _, collector := range collectors {
		names = append(names, gcCount(collector), gcTime(collector))
	}
	return names
}

// sumNames are the metrics that are asked over all TaskManagers, known being
// what these list. As one name that none of them has would leave the answer
// empty, nothing else is asked for; where nothing is known, what all JVMs have.
func sumNames(known, collectors []string) []string {
	if len(known) == 0 {
		return slices.DeleteFunc(plainNames(true), func(name string) bool { return name == filesOpen || name == filesLimit })
	}
	return slices.DeleteFunc(processNames(true, collectors), func(name string) bool { return !slices.Contains(known, name) })
}

// pick returns the value under name, nil if it is unknown.
func pick(values flink.Values, name string) *float64 {
	if value, ok := values[name]; ok {
		return &value
	}
	return nil
}

// in converts a value that may be unknown to a unit that holds so many of
// Flink's: nanosPerSecond of them make a second.
func in(unit float64, value *float64) *float64 {
	if value == nil {
		return nil
	}
	converted := *value / unit
	return &converted
}

// notNegative is the value unless Flink says with a negative number that there
// is none.
func notNegative(value *float64) *float64 {
	if value == nil || *value < 0 {
		return nil
	}
	return value
}

// Flink's units in one of ours.
const (
	nanosPerSecond  = 1e9
	millisPerSecond = 1e3
	percent         = 100
)

// garbageCollectors are the collectors of OpenJDK by their name in Flink. A
// JVM has two or three of them. They are listed here because asking a process
// for a metric it does not have costs nothing, and listing its names does.
func garbageCollectors() []string {
	return []string{
		"G1_Young_Generation", "G1_Old_Generation", "G1_Concurrent_GC",
		"Copy", "MarkSweepCompact",
		"PS_Scavenge", "PS_MarkSweep",
		"ZGC_Cycles", "ZGC_Pauses", "ZGC_Minor_Cycles", "ZGC_Minor_Pauses", "ZGC_Major_Cycles", "ZGC_Major_Pauses",
		"Shenandoah_Cycles", "Shenandoah_Pauses",
	}
}

const gcPrefix, gcTimeEnding = "Status.JVM.GarbageCollector.", ".Time"

func gcCount(collector string) string { return gcPrefix + collector + ".Count" }

func gcTime(collector string) string { return gcPrefix + collector + gcTimeEnding }

// Bounds on the garbage collectors that TaskManagers list: with both, all that
// is asked of a process fits into one request.
const (
	maxCollectors    = 8
	maxCollectorName = 32 // bytes
)

// everyCollector is what Flink calls the sum over all collectors of a JVM.
const everyCollector = "All"

// collectorsIn are the garbage collectors that a list of metrics tells of.
func collectorsIn(names []string) []string {
	var found []string
	for _, name := range names {
		collector, isGC := strings.CutPrefix(name, gcPrefix)
		collector, isTime := strings.CutSuffix(collector, gcTimeEnding)
		if isGC && isTime && collector != everyCollector && len(collector) <= maxCollectorName && simple(collector) {
			found = append(found, collector)
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	return found[:min(len(found), maxCollectors)]
}

// simple reports whether a name is made of what Flink leaves of the names of
// garbage collectors: letters, digits and underscores.
func simple(name string) bool {
	odd := func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	return name != "" && !strings.ContainsFunc(name, odd)
}

// collectorsOf are the garbage collectors whose time is among the values.
func collectorsOf[V any](values map[string]V) []string {
	return collectorsIn(slices.Collect(maps.Keys(values)))
}
