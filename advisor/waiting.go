package advisor

import (
	"fmt"
	"slices"
)

// waiting is the measured part of the bottleneck's busy time that it spends off
// the CPU.
type waiting struct {
	share    float64
	inferred bool // from CPU time and busy time, not from WALL samples
	id       string
}

// findWaiting measures how much of its busy time the bottleneck waits.
func (f *facts) findWaiting() {
	if f.wall.busy > 0 {
		share := float64(f.wall.off) / float64(f.wall.busy)
		id := f.share("off-CPU share of task threads", share*f.busy,
			fmt.Sprintf("task threads are off the CPU in %s of their busy wall-clock samples", percent(share)))
		f.waited = &waiting{share: share, id: id}
		if f.basis != &f.wall {
			f.running = 1 - share
		}
		return
	}
	f.inferWaiting()
}

// inferWaiting compares the CPU time of all task threads with the busy time of
// the bottleneck's alone. What is missing, it waited: at least, since CPU time
// of other vertices counts in its favour. A thread that waits for a processor
// looks the same, so this counts only where blocking calls or the requests of
// a sink were seen in the profile.
func (f *facts) inferWaiting() {
	busySeconds, ok := f.busySeconds()
	if !ok {
		return
	}
	cpuSeconds := float64(f.cpu.busy) * samplingPeriod.Seconds()
	share := 1 - cpuSeconds/busySeconds
	if share < minShare {
		return
	}
	if !f.seesWaiting() {
		if share >= muchWaiting {
			f.observations = append(f.observations, fmt.Sprintf("The bottleneck was busy for %.1f s, but task threads used only %.1f s of CPU, "+
				"and no blocking call was seen: it waits for something else, such as the capacity of an async operator, or the machine is short of CPU "+
				"(a WALL profile tells, or Flink's own flame graph: set rest.flamegraph.enabled: true).", busySeconds, cpuSeconds))
		}
		return
	}
	f.running = 1 - share
	id := f.share("off-CPU share of the bottleneck", share*f.busy,
		fmt.Sprintf("the bottleneck was busy for %.1f s while all task threads together used %.1f s of CPU: it waited at least %s of its busy time",
			busySeconds, cpuSeconds, percent(share)))
	f.waited = &waiting{share: share, inferred: true, id: id}
}

const muchWaiting = 0.5

// busySeconds is how long the bottleneck's subtasks were busy while the on-CPU
// profiles were taken, on the processes they were taken of. At least one
// subtask is assumed to run there.
func (f *facts) busySeconds() (float64, bool) {
	v, known := f.bundle.vertex(f.bundle.Bottleneck)
	if !known || v.Busy == nil || len(f.cpu.names) == 0 {
		return 0, false
	}
	var seconds float64
	for _, p := range f.bundle.Profiles {
		if !slices.Contains(f.cpu.names, p.Name) || (p.Mode != "ITIMER" && p.Mode != "CPU") {
			continue
		}
		if p.Duration <= 0 {
			return 0, false
		}
		seconds += p.Duration.Seconds() * float64(max(1, v.SubtasksOn[p.Process])) * f.busy
	}
	return seconds, seconds > 0
}

// seesWaiting says whether a rule that is about waiting has stacks to show.
func (f *facts) seesWaiting() bool {
	for i, r := range f.rules {
		if r.waits && significant(f.cpu.showing(i), f.cpu.busy) {
			return true
		}
	}
	return false
}

// waitBasis is the tally that a rule about waiting counts in: WALL, which sees
// the waiting itself, or else the basis of all rules.
func (f *facts) waitBasis() *tally {
	if f.wall.busy > 0 {
		return &f.wall
	}
	return f.basis
}

// blame bounds the impact by inferred waiting plus the share of CPU time that
// goes into the calls themselves. How much of it comes at once depends on the
// other vertices: the low end is what they can take today.
func (f *facts) blame(v *verdict, removable span, share float64) {
	lost := f.waited.share + f.running*share
	v.impact = removable.impact(f.waited.share*f.busy, lost*f.busy)
	v.confidence = sureOfHints
	v.evidence = append(v.evidence, f.waited.id)
	if ceiling, id, ok := f.ceiling(); ok {
		v.impact.LowPercent = min(v.impact.LowPercent, round(ceiling))
		v.evidence = append(v.evidence, id)
	}
}

// ceiling is how much faster the job can get, in percent, before the next
// vertex is the bottleneck: at today's rate that one is already busy.
func (f *facts) ceiling() (percentGain float64, id string, ok bool) {
	var next *Vertex
	for _, v := range f.bundle.Vertices {
		if v.ID != f.bundle.Bottleneck && v.Busy != nil && *v.Busy > 0 && (next == nil || *v.Busy > *next.Busy) {
			next = &v
		}
	}
	if next == nil {
		return 0, "", false
	}
	busy, name := min(*next.Busy, 1), cleanOr(next.Name, next.ID)
	id = f.book.metric("next bottleneck "+name, busy, "ratio",
		fmt.Sprintf("vertex %s is busy %s of the time at today's rate and becomes the bottleneck next", name, percent(busy)))
	return (1/busy - 1) * 100, id, true
}
