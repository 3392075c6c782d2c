package collector

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Names of metrics of a JVM, of which more than one place here must know.
const (
	cpuTime  = "Status.JVM.CPU.Time" // nanoseconds
	heapUsed = "Status.JVM.Memory.Heap.Used"
	heapMax  = "Status.JVM.Memory.Heap.Max"
	threads  = "Status.JVM.Threads.Count"
)

// area is one area of a process' memory. Areas overlap: metaspace is part of
// non-heap, and network memory is mostly direct.
type area struct {
	label string
	// used and limit are the names in Flink, in bytes; limit may be empty.
	used, limit string
	// worker is true for what only a TaskManager has.
	worker bool
}

func areas() []area {
	return []area{
		{label: "heap", used: heapUsed, limit: heapMax},
		{label: "non_heap", used: "Status.JVM.Memory.NonHeap.Used", limit: "Status.JVM.Memory.NonHeap.Max"},
		{label: "metaspace", used: "Status.JVM.Memory.Metaspace.Used", limit: "Status.JVM.Memory.Metaspace.Max"},
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

func gcCount(collector string) string { return "Status.JVM.GarbageCollector." + collector + ".Count" }

func gcTime(collector string) string { return "Status.JVM.GarbageCollector." + collector + ".Time" }

// memoryNames are the names of a process' memory metrics.
func memoryNames(worker bool) []string {
	var names []string
	for _, a := range areasOf(worker) {
		names = append(names, a.used)
		if a.limit != "" {
			names = append(names, a.limit)
		}
	}
	return names
}

// processNames are all the metrics that are asked of one process.
func processNames(worker bool) []string {
	names := append(memoryNames(worker), cpuTime, threads)
	for _, collector := range garbageCollectors() {
		names = append(names, gcCount(collector), gcTime(collector))
	}
	return names
}

// sumNames are the metrics that are asked over all TaskManagers. Those that
// known does not hold are left out; an empty known says nothing.
func sumNames(known []string) []string {
	names := append(memoryNames(true), cpuTime, threads)
	if len(known) == 0 {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(known, name) })
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

// Flink's units of time in a second.
const (
	nanosPerSecond  = 1e9
	millisPerSecond = 1e3
)
