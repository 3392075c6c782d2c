package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// grows judges a signal that significantly rises toward a limit or is above it. The one
// that fired comes first.
func grows(signals ...string) func(f *cause.Facts, i int) (cause.Verdict, bool) {
	return func(f *cause.Facts, _ int) (cause.Verdict, bool) {
		var found *evidence.Trend
		for _, signal := range signals {
			for _, t := range f.Bundle.Trends {
				if t.Signal == signal && telling(t) && (found == nil || t.Fired && !found.Fired) {
					found = &t
				}
			}
		}
		if found == nil {
			return cause.Verdict{}, false
		}
		return growth(f, *found), true
	}
}

// telling reports whether a trend is worth a finding. A checkpoint that is slow without
// growing has other causes than its state.
func telling(t evidence.Trend) bool {
	if t.Above() && t.Signal != evidence.SignalCheckpointDuration {
		return true
	}
	return t.PerSecondLow > 0 && t.Breach != nil && *t.Breach < farAway
}

// A breach further away than farAway is not reported; one within soon is urgent.
const (
	farAway = 24 * time.Hour
	soon    = time.Hour
)

// growth names one rate, that of the line, wherever it names one.
func growth(f *cause.Facts, t evidence.Trend) cause.Verdict {
	severity := episode.Warning
	if t.Above() || t.Breach != nil && *t.Breach < soon {
		severity = episode.Critical
	}
	name, fact := strings.NewReplacer("_", " ", "gc", "GC").Replace(t.Signal), present(t)
	text := name + " is " + fact
	if t.Subject != "" {
		text += " (" + evidence.Clean(t.Subject, evidence.MaxSubject/2) + ")"
	}
	if t.Limit != nil {
		text += "; it " + passes(t)
	}
	value, unit, what := t.PerSecond, t.Unit+"/s", " per second "
	if t.PerSecondLow <= 0 {
		value, unit, what = t.Now, t.Unit, " "
	}
	id := f.Book.Metric(strings.TrimSpace(t.Signal+what+t.Subject), value, unit, text)
	return cause.Verdict{
		Severity: severity, Confidence: cause.SureOfMetrics, Evidence: []string{id},
		Title: strings.ToUpper(name[:1]) + name[1:] + title(t),
		Why:   "It is now " + fact + ".",
	}
}

// present is the level and, where it is significant, its growth.
func present(t evidence.Trend) string {
	text := evidence.Quantity(t.Now, t.Unit)
	if t.AtLeast {
		text = "at least " + text
	}
	if t.PerSecondLow > 0 {
		text += " and grows by " + evidence.Quantity(t.PerSecond*60, t.Unit) + " per minute"
	}
	return text
}

// passes says when the limit is passed.
func passes(t evidence.Trend) string {
	limit := evidence.Quantity(*t.Limit, t.Unit)
	if t.Above() {
		return "is above " + limit
	}
	return fmt.Sprintf("passes %s in %s", limit, plaintext.Span(*t.Breach))
}

func title(t evidence.Trend) string {
	switch {
	case !t.Above():
		return fmt.Sprintf(" grows and reaches its limit in %s", plaintext.Span(*t.Breach))
	case t.PerSecondLow > 0:
		return " is above its limit and keeps growing"
	}
	return " is above its limit"
}

// metaspaceGrowth is metaspace that fills.
var metaspaceGrowth = cause.Rule{
	Name:       "metaspace-growth",
	Unrecorded: true,
	Category:   cause.GCPressure,
	Judge:      grows(evidence.SignalMetaspace),
	Settings:   []string{"jvm-metaspace", "classloader"},
	Signals:    []string{evidence.SignalMetaspace},
	Why: "Each submission of a job to a running cluster loads its classes anew. They stay if a thread or a static field of " +
		"a library still refers to them.",
	Change: "Find what keeps the old class loader: threads that the job did not stop (Flink logs them), drivers and caches in " +
		"static fields. Put such libraries into Flink's lib folder, and close what the job opens in close(). Until then restart " +
		"the TaskManagers after some submissions, or raise taskmanager.memory.jvm-metaspace.size.",
	TradeOffs: "A library in lib has one version for all jobs.",
	Reference: docsFlink + "ops/debugging/debugging_classloading/",
}

// directMemoryGrowth is memory of direct buffers that fills.
var directMemoryGrowth = cause.Rule{
	Name:       "direct-memory-growth",
	Unrecorded: true,
	Category:   cause.Other,
	Judge:      grows(evidence.SignalDirectMemory),
	Settings:   []string{"memory.framework.off-heap", "memory.task.off-heap", "memory.network"},
	Signals:    []string{evidence.SignalDirectMemory},
	Why:        "Buffers outside the heap are freed when the objects that hold them are collected, or by hand.",
	Change: "Look at clients that the job opens (HTTP, gRPC, Netty) and does not close, and at large records that each " +
		"thread keeps a buffer for (-Djdk.nio.maxCachedBufferSize). If the need is real, raise " +
		"taskmanager.memory.task.off-heap.size.",
	TradeOffs: "More memory off the heap is taken from the heap or from the machine.",
	Reference: docsFlink + "deployment/memory/mem_trouble/",
}

// descriptorGrowth is a count of open files and sockets that rises.
var descriptorGrowth = cause.Rule{
	Name:       "descriptor-growth",
	Unrecorded: true,
	Category:   cause.Other,
	Judge:      grows(evidence.SignalFileDescriptors),
	Settings:   []string{"rocksdb.files.open"},
	Signals:    []string{evidence.SignalFileDescriptors},
	Why:        "Files and sockets that are opened for records and not closed add up; RocksDB keeps its files open too.",
	Change: "Compare lsof of the process some minutes apart: sockets point at a client that is made again and again, .sst " +
		"files at RocksDB (state.backend.rocksdb.files.open). Close clients in close(), and make one for each subtask in open().",
	TradeOffs: "With a bound of open files RocksDB opens them again when it reads.",
	Reference: docsFlink + "deployment/config/#rocksdb-configurable-options",
}

// fallsBehind is a backlog that grows.
var fallsBehind = cause.Rule{
	Name:       "falls-behind",
	Unrecorded: true,
	Category:   cause.SourceParallelism,
	Judge:      grows(evidence.SignalSourceLag, evidence.SignalPendingRecords),
	Settings:   []string{"parallelism"},
	Signals:    []string{evidence.SignalSourceLag, evidence.SignalPendingRecords},
	Why:        "More records arrive than the job reads.",
	Change: "Repair what limits the job: the other findings of this episode say what is known. Compare the input with " +
		"yesterday's, and look for a target that has become slow. More parallelism helps only if the vertex that limits has keys " +
		"or partitions to spread and the machines have processors to spare.",
	TradeOffs: "More parallelism changes how state is split: a restart from a savepoint is needed, unless Flink's adaptive " +
		"scheduler rescales the job.",
	Reference: docsFlink + "ops/monitoring/back_pressure/",
}
