package cause

import (
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/advisor/limit"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Waiting is the measured part of the bottleneck's busy time that it spends off the
// CPU.
type Waiting struct {
	Share    float64
	inferred bool // from CPU time and busy time, not from WALL samples
	id       string
}

// ID is the evidence of the waiting.
func (w *Waiting) ID() string { return w.id }

// findWaiting measures the part of its busy time that the bottleneck waits.
func (f *Facts) findWaiting() {
	if f.Wall.Busy > 0 {
		share := float64(f.Wall.off) / float64(f.Wall.Busy)
		id := f.Share("off-CPU share of task threads", share*f.Busy,
			fmt.Sprintf("task threads are off the CPU in %s of their busy wall-clock samples", evidence.Percent(share)))
		f.boundWaiting(id, share)
		f.Waited = &Waiting{Share: share, id: id}
		if f.Basis != &f.Wall {
			f.Running = 1 - share
		}
		return
	}
	f.inferWaiting()
}

// inferWaiting compares the CPU time of all task threads with the busy time of the
// bottleneck. The difference is a lower bound of the bottleneck's waiting, because CPU
// time of other vertices makes it smaller. A thread that waits for a processor looks
// the same, so the result is used only if the profile shows blocking calls or requests
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
	f.boundWaiting(id, share)
	f.Waited = &Waiting{Share: share, inferred: true, id: id}
}

// boundWaiting bounds a claim that cites the share of the busy time that the bottleneck waits.
func (f *Facts) boundWaiting(id string, share float64) {
	_, high := f.whileItWaits()
	f.BoundBy(id, share*high)
}

// Works returns the part of its busy time that the bottleneck is on the CPU, or would be with a free
// processor; known is false if no WALL profile shows it, or no busy time says which vertex that is.
func (f *Facts) Works() (part float64, known bool) {
	if f.Waited == nil || f.Waited.inferred || !f.busyKnown {
		return 1, false
	}
	return 1 - f.Waited.Share, true
}

const muchWaiting = 0.5

// busySeconds returns the busy time of the bottleneck's subtasks during the on-CPU
// profiles, on the processes of these profiles. It assumes at least one subtask there.
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

// seesWaiting reports whether the profile shows stacks of a rule about waiting.
func (f *Facts) seesWaiting() bool {
	for i, r := range f.Rules {
		if r.Waits && Significant(f.CPU.Showing(i), f.CPU.Busy) {
			return true
		}
	}
	own, of, _ := f.Contended()
	return own >= MinSamples && float64(own) >= MuchContended*float64(of)
}

// WaitBasis returns the tally for rules about waiting: WALL, which shows the waiting
// itself, else the basis of all rules.
func (f *Facts) WaitBasis() *Tally {
	if f.Wall.Busy > 0 {
		return &f.Wall
	}
	return f.Basis
}

// Blame bounds an impact by the inferred waiting plus the CPU share of the calls
// themselves; the next busiest vertex limits the low end.
func (f *Facts) Blame(v *Verdict, removable Span, share float64) {
	lost := f.Waited.Share + f.Running*share
	v.Impact = f.WhileItWaits(removable, f.Waited.Share, lost)
	v.Confidence = SureOfHints
	v.Evidence = append(v.Evidence, f.Waited.id)
	f.CapByNext(v)
}

// CapByNext limits the low end of a gain by the next slowest vertex, and says from which gain on that
// vertex limits the job. It limits the high end only where the capacity of that vertex is known: a JVM
// that still compiles, or a sink that waits for its requests, will carry more than it does now.
func (f *Facts) CapByNext(v *Verdict) {
	next, ok := f.Load.Next(f.warm())
	if !ok || v.Impact == nil {
		return
	}
	name := evidence.CleanOr(next.Vertex.Name, next.Vertex.ID)
	v.Evidence = append(v.Evidence, f.citeNext(next, name))
	if next.AtMost != nil {
		v.Impact = AtMost(v.Impact, *next.AtMost)
	}
	v.Impact.LowPercent = min(v.Impact.LowPercent, Round(next.AtLeast))
	if next.Gain < v.Impact.HighPercent {
		v.Then = fmt.Sprintf("From +%.0f %% on, %s limits the job, if a record costs it what it costs now.", next.Gain,
			name)
	}
}

// citeNext adds what the gain until the next limit is computed of.
func (f *Facts) citeNext(next limit.Next, name string) string {
	text := fmt.Sprintf("the busiest subtask of vertex %s works %s of the time", name, evidence.Percent(next.Busy))
	if next.Limit > 0 {
		text += fmt.Sprintf(" while that of %s works %s", f.Limit(), evidence.Percent(next.Limit))
	}
	return f.Book.Metric("next bottleneck "+name, next.Busy, "ratio", text+"; it becomes the bottleneck next")
}
