package cause

import (
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Waiting is the measured part of the bottleneck's busy time that it spends off
// the CPU.
type Waiting struct {
	Share    float64
	inferred bool // from CPU time and busy time, not from WALL samples
	id       string
}

// findWaiting measures how much of its busy time the bottleneck waits.
func (f *Facts) findWaiting() {
	if f.Wall.Busy > 0 {
		share := float64(f.Wall.off) / float64(f.Wall.Busy)
		id := f.Share("off-CPU share of task threads", share*f.Busy,
			fmt.Sprintf("task threads are off the CPU in %s of their busy wall-clock samples", evidence.Percent(share)))
		f.Waited = &Waiting{Share: share, id: id}
		if f.Basis != &f.Wall {
			f.Running = 1 - share
		}
		return
	}
	f.inferWaiting()
}

// inferWaiting compares the CPU time of all task threads with the busy time of the
// bottleneck. The difference is time that the bottleneck waited, at least: CPU time
// of other vertices makes it smaller. A thread that waits for a processor looks the
// same, so the result is used only if the profile shows blocking calls or requests
// of a sink.
func (f *Facts) inferWaiting() {
	busySeconds, ok := f.busySeconds()
	if !ok {
		return
	}
	cpuSeconds := float64(f.CPU.Busy) * samplingPeriod.Seconds()
	share := 1 - cpuSeconds/busySeconds
	if share < MinShare {
		return
	}
	if !f.seesWaiting() {
		if share >= muchWaiting {
			f.Observations = append(f.Observations, fmt.Sprintf("The bottleneck was busy for %.1f s, but task "+
				"threads used only %.1f s of CPU, "+
				"and no blocking call was seen: it waits for something else, such as the capacity of an async "+
				"operator, or the machine is short of CPU "+
				"(a WALL profile tells, or Flink's own flame graph: set rest.flamegraph.enabled: true).",
				busySeconds, cpuSeconds))
		}
		return
	}
	f.Running = 1 - share
	id := f.Share("off-CPU share of the bottleneck", share*f.Busy,
		fmt.Sprintf("the bottleneck was busy for %.1f s while all task threads together used %.1f s of CPU: it "+
			"waited at least %s of its busy time",
			busySeconds, cpuSeconds, evidence.Percent(share)))
	f.Waited = &Waiting{Share: share, inferred: true, id: id}
}

const muchWaiting = 0.5

// busySeconds is how long the bottleneck's subtasks were busy while the on-CPU
// profiles were taken, on the processes they were taken of. At least one
// subtask is assumed to run there.
func (f *Facts) busySeconds() (float64, bool) {
	v, known := f.Bundle.Vertex(f.Bundle.Bottleneck)
	if !known || v.Busy == nil || len(f.CPU.names) == 0 {
		return 0, false
	}
	var seconds float64
	for _, p := range f.Bundle.Profiles {
		if !slices.Contains(f.CPU.names, p.Name) || (p.Mode != "ITIMER" && p.Mode != "CPU") {
			continue
		}
		if p.Duration <= 0 {
			return 0, false
		}
		seconds += p.Duration.Seconds() * float64(max(1, v.SubtasksOn[p.Process])) * f.Busy
	}
	return seconds, seconds > 0
}

// seesWaiting says whether the profile shows stacks of a rule about waiting.
func (f *Facts) seesWaiting() bool {
	for i, r := range f.Rules {
		if r.Waits && Significant(f.CPU.Showing(i), f.CPU.Busy) {
			return true
		}
	}
	return false
}

// WaitBasis is the tally that a rule about waiting counts in: WALL, which sees
// the waiting itself, or else the basis of all rules.
func (f *Facts) WaitBasis() *Tally {
	if f.Wall.Busy > 0 {
		return &f.Wall
	}
	return f.Basis
}

// Blame bounds an impact by the inferred waiting plus the share of CPU time in the
// calls themselves. The low end is limited by the next busiest vertex.
func (f *Facts) Blame(v *Verdict, removable Span, share float64) {
	lost := f.Waited.Share + f.Running*share
	v.Impact = removable.Impact(f.Waited.Share*f.Busy, lost*f.Busy)
	v.Confidence = SureOfHints
	v.Evidence = append(v.Evidence, f.Waited.id)
	if ceiling, id, ok := f.ceiling(); ok {
		v.Impact.LowPercent = min(v.Impact.LowPercent, Round(ceiling))
		v.Evidence = append(v.Evidence, id)
	}
}

// ceiling is how much faster the job can get, in percent, before the next
// vertex is the bottleneck: at today's rate that one is already busy.
func (f *Facts) ceiling() (percentGain float64, id string, ok bool) {
	var next *evidence.Vertex
	for _, v := range f.Bundle.Vertices {
		if v.ID != f.Bundle.Bottleneck && v.Busy != nil && *v.Busy > 0 && (next == nil || *v.Busy > *next.Busy) {
			next = &v
		}
	}
	if next == nil {
		return 0, "", false
	}
	busy, name := min(*next.Busy, 1), evidence.CleanOr(next.Name, next.ID)
	id = f.Book.Metric("next bottleneck "+name, busy, "ratio",
		fmt.Sprintf("vertex %s is busy %s of the time at today's rate and becomes the bottleneck next", name,
			evidence.Percent(busy)))
	return (1/busy - 1) * 100, id, true
}
