package rules

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

var boxing = cause.Rule{
	Name:     "boxing",
	Category: cause.BoxingAllocation,
	Frames: cause.Pattern{
		"java.lang.Integer.valueOf", "java.lang.Long.valueOf", "java.lang.Double.valueOf",
		"java.lang.Float.valueOf", "java.lang.Short.valueOf", "java.lang.Character.valueOf",
		"scala.runtime.BoxesRunTime.*",
	},
	Removable: cause.Span{Low: 0.3, High: 0.8},
	Judge:     cause.CostsCPU,
	What:      "boxing numbers",
	Why:       "Each boxed number is an object to allocate and to collect.",
	Change:    "Use primitive fields, primitive collections and specialised functions on the path of every record.",
	TradeOffs: "Primitive fields can't be null: give the missing value a meaning.",
	Reference: docsJDK + "java/lang/Long.html",
}

var gc = cause.Rule{
	Name:      "gc",
	Category:  cause.GCPressure,
	Removable: cause.Span{Low: 0.2, High: 0.8},
	Judge:     pausesForGC,
	Settings:  []string{"taskmanager.memory", "java.opts"},
	Why:       "Its cost comes from how much is allocated for each record, and from how little room the heap leaves.",
	Change: "Allocate less on the path of every record (an ALLOC profile shows where), enable object reuse where " +
		"operators don't keep their input (pipeline.object-reuse: true), and give the task heap more memory " +
		"(taskmanager.memory.task.heap.size). If the collector is the serial or the parallel one, choose G1 in " +
		"env.java.opts.taskmanager.",
	TradeOffs: "Object reuse makes operators that keep or change their input wrong; more heap takes memory from " +
		"others on the host.",
	Reference: docsFlink + "deployment/memory/mem_setup_tm/",
}

var heapGrowth = cause.Rule{
	Name:     "heap-growth",
	Category: cause.GCPressure,
	Judge:    grows(evidence.SignalHeapAfterGC),
	Settings: []string{"taskmanager.memory"},
	Signals:  []string{evidence.SignalHeapAfterGC},
	Why: "What is left after a collection is in use: state on the heap, caches without a limit, or a leak across " +
		"restarts.",
	Change: "Bound caches, move large state to RocksDB, and compare two heap histograms some minutes apart to " +
		"see which class grows.",
	TradeOffs: "State in RocksDB costs more for each access.",
	Reference: docsFlink + "deployment/memory/mem_trouble/",
}

// pausesForGC judges garbage collection by its time. Without that metric it uses the
// share of CPU samples, which does not bound a gain because collectors run in parallel.
func pausesForGC(f *cause.Facts, i int) (cause.Verdict, bool) {
	var worst *evidence.Process
	for _, p := range f.Bundle.Processes {
		if p.GC != nil && (worst == nil || *p.GC > *worst.GC) {
			worst = &p
		}
	}
	if worst != nil {
		return gcTime(f, i, *worst)
	}
	if f.CPU.All == 0 || !cause.Significant(f.CPU.GC, f.CPU.All) {
		return cause.Verdict{}, false
	}
	share := float64(f.CPU.GC) / float64(f.CPU.All)
	if share < muchGC {
		return cause.Verdict{}, false
	}
	id := f.Book.Metric("GC share of CPU samples", share, "ratio",
		fmt.Sprintf("%d of %d CPU samples of the process (%s) are of garbage collector threads", f.CPU.GC,
			f.CPU.All, evidence.Percent(share)))
	return cause.Verdict{
		Severity: cause.SeverityOfHint(share), Confidence: cause.SureOfHints, Evidence: []string{id},
		Title: fmt.Sprintf("%s of the process's CPU time is garbage collection", evidence.Percent(share)),
		Why:   "How long the tasks were paused for it is not known without the metrics of the JVM.",
	}, true
}

// muchGC is the share of CPU samples from which garbage collection is a finding.
const muchGC = 0.15

func gcTime(f *cause.Facts, i int, p evidence.Process) (cause.Verdict, bool) {
	if *p.GC < cause.MinShare {
		return cause.Verdict{}, false
	}
	id := f.Share("GC time ratio "+evidence.CleanOr(p.ID, "process"), *p.GC,
		fmt.Sprintf("process %s spends %s of the time in garbage collection", evidence.CleanOr(p.ID, "?"),
			evidence.Percent(*p.GC)))
	return cause.Verdict{
		Impact: f.Rules[i].Removable.Impact(*p.GC, *p.GC), Confidence: cause.SureOfMetrics, Evidence: []string{id},
		Title: fmt.Sprintf("Garbage collection takes %s of the time of %s", evidence.Percent(*p.GC),
			evidence.CleanOr(p.ID, "a process")),
		Why: "While a collector stops the world no record moves.",
	}, true
}
