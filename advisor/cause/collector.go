package cause

// collectors recognise a garbage collector by its native frames.
var collectors = []struct {
	name   string
	frames Pattern
}{
	{"G1", Pattern{"G1*"}},
	{"ZGC", Pattern{"ZDriver*", "ZWorker*", "XDriver*"}},
	{"Shenandoah", Pattern{"Shenandoah*"}},
	{"the parallel collector", Pattern{"PSScavenge*", "PSParallelCompact*", "PSPromotion*", "VM_Parallel*"}},
	{"the serial collector", Pattern{
		"SerialHeap::*", "DefNewGeneration::*", "TenuredGeneration::*", "GenMarkSweep::*", "SerialFullGC::*",
	}},
}

// Collector names the garbage collector of the profiled process by its threads in the
// profiles; empty if they do not show it.
func (f *Facts) Collector() string { return f.CPU.collector }

// seeCollector remembers which collector a stack is of.
func (y *Tally) seeCollector(frames []*traits) {
	for _, f := range frames {
		for _, c := range collectors {
			if y.collector == "" && f.gc && c.frames.matches(f.dotted) {
				y.collector = c.name
			}
		}
	}
}
