package rules

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
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
	Removable: cause.Span{Low: 0.3, High: 0.83},
	RestsOn:   cause.Ground{Kind: cause.Measured, Says: "where collections of boxed numbers stay"},
	Judge:     boxes,
	What:      "boxing numbers",
	Why:       "Each boxed number is an object to allocate and to collect.",
	Change:    "Use primitive fields, primitive collections and specialised functions on the path of every record.",
	TradeOffs: "Primitive fields can't be null: give the missing value a meaning.",
	Reference: docsJDK + "java/lang/Long.html",
}

// boxed are the classes of boxed numbers.
var boxed = cause.Pattern{
	"java.lang.Integer", "java.lang.Long", "java.lang.Double", "java.lang.Float", "java.lang.Short",
	"java.lang.Character", "java.lang.Byte",
}

// muchBoxed is the share of the sampled allocations from which boxed numbers are a finding.
const muchBoxed = 0.1

// boxes judges boxing by CPU, and by allocations: the compiler makes the call disappear from
// the stacks of CPU samples.
func boxes(f *cause.Facts, i int) (cause.Verdict, bool) {
	v, fires := cause.CostsCPU(f, i)
	k, n, site := f.Allocated(boxed)
	if k < cause.MinSamples || float64(k) < muchBoxed*float64(n) {
		return v, fires
	}
	if !fires {
		v = boxesUnseen(f, float64(k)/float64(n))
	}
	v.Why += fmt.Sprintf(" %d of %d sampled allocations of task threads are boxed numbers", k, n)
	if site.Samples > 0 {
		v.Why += fmt.Sprintf(", %d of them %s in %s", site.Samples, site.ClassName(), site.SiteName())
	}
	v.Why += "."
	v.Evidence = append(v.Evidence, f.CiteAllocations(mostAllocated)...)
	return v, true
}

// boxesUnseen is the verdict where no CPU sample shows the boxing. If the method that boxes is
// also the one that takes most time for no other cause, its time bounds the gain.
func boxesUnseen(f *cause.Facts, share float64) cause.Verdict {
	v := cause.Verdict{
		Severity: episode.Info, Confidence: cause.SureOfHints,
		Title: fmt.Sprintf("%s of the sampled allocations of task threads are boxed numbers", evidence.Percent(share)),
	}
	if _, _, site := f.Allocated(boxed); site.Samples > 0 {
		v.Title += ", most of the job's own in " + site.SiteName()
	}
	if f.Basis == nil {
		return v
	}
	own := f.Basis.MostOwn()
	site, boxes := boxesMost(f, own.Name)
	k, of := own.Samples, f.Basis.Busy
	if !boxes || !cause.Significant(k, of) {
		return v
	}
	busy, atLeast := float64(k)/float64(of), cause.AtLeastShare(k, of)
	id := f.Frame(f.Basis, own.Name, fmt.Sprintf("%d of %d samples of task threads at work are in %s or in libraries it "+
		"calls", k, of, cause.FrameName(own.Name)))
	f.BoundBy(id, f.OfCPU(busy))
	v.Removable, v.RestsOn = ofBoxes, cause.Ground{Kind: cause.Assumed, Says: "The method does more than to box."}
	v.Impact, v.Evidence = f.OnCPU(ofBoxes, atLeast, busy), append([]string{id}, f.Cited...)
	v.Title = fmt.Sprintf("%s boxes numbers, and takes %s of the CPU time of %s", cause.FrameName(own.Name),
		evidence.Percent(busy), f.Whose())
	v.Why = fmt.Sprintf("%d of %d objects that it allocates are boxed numbers.", site.boxed, site.all)
	return v
}

// ofBoxes is the part of a method that boxes which a change usually removes.
var ofBoxes = cause.Span{Low: 0.1, High: 0.5}

// boxedAt counts the allocations of a method.
type boxedAt struct{ boxed, all int64 }

// boxesMost reports whether at least half of what a method allocates are boxed numbers.
func boxesMost(f *cause.Facts, method string) (boxedAt, bool) {
	at := boxedAt{boxed: f.AllocatedIn(method, boxed), all: f.AllocatedIn(method, nil)}
	return at, at.boxed >= cause.MinSamples && 2*at.boxed >= at.all
}

// mostAllocated is the number of allocated classes that a finding cites.
const mostAllocated = 3

var gc = cause.Rule{
	Name:      "gc",
	Category:  cause.GCPressure,
	Removable: cause.Span{Low: 0.2, High: 0.8},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "Half the allocations, or twice the free heap, make collections half as frequent; a better collector more so.",
	},
	Judge:    pausesForGC,
	Settings: []string{"taskmanager.memory", "java.opts"},
	Why:      "Its cost comes from how much is allocated for each record, and from how little room the heap leaves.",
	Change: "Allocate less on the path of every record (an ALLOC profile shows where), enable object reuse where " +
		"operators don't keep their input (pipeline.object-reuse: true), and give the heap more memory: " + moreHeap +
		" If the collector is the serial or the parallel one, choose G1 in env.java.opts.taskmanager.",
	TradeOffs: "Object reuse makes operators that keep or change their input wrong; more heap takes memory from " +
		"others on the host.",
	Reference: docsFlink + "deployment/memory/mem_setup_tm/",
}

// moreHeap names no size of the task heap: beside a total size Flink takes it from the network memory,
// and does not start if too little of that is left.
const moreHeap = "raise taskmanager.memory.process.size (or taskmanager.memory.flink.size, whichever is set), or lower " +
	"taskmanager.memory.managed.fraction if no state is in RocksDB."

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

// pausesForGC judges the collector, and says what is allocated.
func pausesForGC(f *cause.Facts, i int) (cause.Verdict, bool) {
	v, fires := collects(f, i)
	if fires {
		v.Evidence = append(v.Evidence, f.CiteAllocations(mostAllocated)...)
		if _, n, site := f.Allocated(nil); site.Samples > 0 {
			v.Why += fmt.Sprintf(" %s allocates %d of %d sampled objects as %s.", site.SiteName(), site.Samples, n,
				site.ClassName())
		}
		v.Change = changeForGC(f)
	}
	return v, fires
}

// changeForGC advises by what is known of the collector and of object reuse.
func changeForGC(f *cause.Facts) string {
	var b strings.Builder
	b.WriteString("Allocate less on the path of every record")
	if !f.AllocationsKnown() {
		b.WriteString(" (an ALLOC profile shows where)")
	}
	if setting(f.Bundle, "pipeline.object-reuse") != "true" {
		b.WriteString(", set pipeline.object-reuse: true where operators do not keep their input")
	}
	b.WriteString(", and give the heap more memory: " + moreHeap)
	switch f.Collector() {
	case "G1", "ZGC", "Shenandoah":
	case "":
		b.WriteString(" If the collector is the serial or the parallel one, choose G1 in env.java.opts.taskmanager.")
	default:
		fmt.Fprintf(&b, " The collector is %s: with several processors choose G1 (-XX:+UseG1GC in env.java.opts.taskmanager).",
			f.Collector())
	}
	return b.String()
}

// collects judges garbage collection by its time. Without that metric it uses the
// share of CPU samples, which does not bound a gain because collectors run in parallel.
func collects(f *cause.Facts, i int) (cause.Verdict, bool) {
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
