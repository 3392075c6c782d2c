package frame

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

// Collector names the garbage collector that a frame is of; empty if it shows none.
func Collector(dotted string) string {
	for _, c := range collectors {
		if c.frames.Matches(dotted) {
			return c.name
		}
	}
	return ""
}
