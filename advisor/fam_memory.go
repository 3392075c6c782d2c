package advisor

import (
	"fmt"
)

var boxing = rule{
	name:     "boxing",
	category: BoxingAllocation,
	frames: pattern{
		"java.lang.Integer.valueOf", "java.lang.Long.valueOf", "java.lang.Double.valueOf",
		"java.lang.Float.valueOf", "java.lang.Short.valueOf", "java.lang.Character.valueOf",
		"scala.runtime.BoxesRunTime.*",
	},
	removable: span{low: 0.3, high: 0.8},
	judge:     costsCPU,
	what:      "boxing numbers",
	why:       "Each boxed number is an object to allocate and to collect.",
	change:    "Use primitive fields, primitive collections and specialised functions on the path of every record.",
	tradeOffs: "Primitive fields can't be null: give the missing value a meaning.",
}

var gc = rule{
	name:      "gc",
	category:  GCPressure,
	removable: span{low: 0.2, high: 0.8},
	judge:     pausesForGC,
	settings:  []string{"taskmanager.memory", "java.opts"},
	why:       "Its cost comes from how much is allocated for each record, and from how little room the heap leaves.",
	change: "Allocate less on the path of every record (an ALLOC profile shows where), enable object reuse where " +
		"operators don't keep their input, and give the task heap more memory or use G1 with a sensible pause " +
		"goal.",
	tradeOffs: "Object reuse makes operators that keep or change their input wrong; more heap takes memory from " +
		"others on the host.",
}

var heapGrowth = rule{
	name:     "heap-growth",
	category: GCPressure,
	judge:    grows(SignalHeapAfterGC),
	settings: []string{"taskmanager.memory"},
	why: "What is left after a collection is in use: state on the heap, caches without a limit, or a leak across " +
		"restarts.",
	change: "Bound caches, move large state to RocksDB, and compare two heap histograms some minutes apart to " +
		"see which class grows.",
	tradeOffs: "State in RocksDB costs more for each access.",
}

// pausesForGC judges collection by the time it takes, and without that by its
// part in the CPU samples, which bounds nothing: collectors run in parallel.
func pausesForGC(f *facts, i int) (verdict, bool) {
	var worst *Process
	for _, p := range f.bundle.Processes {
		if p.GC != nil && (worst == nil || *p.GC > *worst.GC) {
			worst = &p
		}
	}
	if worst != nil {
		return gcTime(f, i, *worst)
	}
	if f.cpu.all == 0 || !significant(f.cpu.gc, f.cpu.all) {
		return verdict{}, false
	}
	share := float64(f.cpu.gc) / float64(f.cpu.all)
	if share < muchGC {
		return verdict{}, false
	}
	id := f.book.metric("GC share of CPU samples", share, "ratio",
		fmt.Sprintf("%d of %d CPU samples of the process (%s) are of garbage collector threads", f.cpu.gc, f.cpu.all, percent(share)))
	return verdict{
		severity: severityOfHint(share), confidence: sureOfHints, evidence: []string{id},
		title: fmt.Sprintf("%s of the process's CPU time is garbage collection", percent(share)),
		why:   "How long the tasks were paused for it is not known without the metrics of the JVM.",
	}, true
}

// muchGC is the part of CPU samples from which collection is worth a word.
const muchGC = 0.15

func gcTime(f *facts, i int, p Process) (verdict, bool) {
	if *p.GC < minShare {
		return verdict{}, false
	}
	id := f.share("GC time ratio "+cleanOr(p.ID, "process"), *p.GC,
		fmt.Sprintf("process %s spends %s of the time in garbage collection", cleanOr(p.ID, "?"), percent(*p.GC)))
	return verdict{
		impact: f.rules[i].removable.impact(*p.GC, *p.GC), confidence: sureOfMetrics, evidence: []string{id},
		title: fmt.Sprintf("Garbage collection takes %s of the time of %s", percent(*p.GC), cleanOr(p.ID, "a process")),
		why:   "While a collector stops the world no record moves.",
	}, true
}
