package successive

import (
	"maps"
	"slices"
	"time"
)

// Staleness detects processes whose values in the metric store no longer change.
//
// A live JVM uses CPU, if only to answer the fetch, so its CPU time grows between any two
// fetches. Where it does not grow, the store was not refreshed, and every other value of
// that process is old: the process is unreachable, or the store as a whole stands still.
type Staleness struct {
	changes map[string]lastChange // by process
}

// lastChange is the CPU time of a process when it was last seen to change.
type lastChange struct {
	cpu   float64
	since time.Time
	again int // how often it was seen unchanged since
}

// minStill and minAgain are how long, and in how many further polls, a CPU time must be
// unchanged: Flink refreshes every ten seconds at most.
const (
	minStill = 30 * time.Second
	minAgain = 2
)

// allTaskManagers is the process that stands for all TaskManagers together. It cannot be
// the id of one, because it holds a slash.
const (
	JobManagerProcess = "/jobmanager"
	AllTaskManagers   = "/taskmanagers"
)

// Observe records the CPU time of a process, nil if it is unknown, and reports whether it
// went back: the process restarted.
func (p *Staleness) Observe(process string, cpu *float64, now time.Time) (restarted bool) {
	last, seen := p.changes[process]
	switch {
	case cpu == nil:
		delete(p.changes, process)
		return false
	case p.changes == nil:
		p.changes = map[string]lastChange{}
	case seen && last.cpu == *cpu:
		last.again++
		p.changes[process] = last
		return false
	}
	p.changes[process] = lastChange{cpu: *cpu, since: now}
	return seen && *cpu < last.cpu
}

// Still reports whether a process has not changed for too long.
func (p *Staleness) Still(process string, now time.Time) bool {
	b, seen := p.changes[process]
	return seen && b.again >= minAgain && now.Sub(b.since) >= minStill
}

// Frozen reports whether the store stands still: no TaskManager changes or, if none has
// reported, the JobManager does not. The JobManager's own metrics may be fetched once
// more after the others have stopped.
func (p *Staleness) Frozen(now time.Time) bool {
	workers := 0
	for process := range p.changes {
		if process == JobManagerProcess {
			continue
		}
		workers++
		if !p.Still(process, now) {
			return false
		}
	}
	return workers > 0 || p.Still(JobManagerProcess, now)
}

// Lags reports whether some TaskManager did not change at this poll, though not for long
// enough to count as still. On a busy machine its metrics arrive later than the half
// second that a poll waits. Then they are those of the fetch before, while the
// JobManager's are new, and the two cannot be combined.
func (p *Staleness) Lags(now time.Time) bool {
	for process, b := range p.changes {
		if process != JobManagerProcess && b.again > 0 && now.Sub(b.since) < minStill {
			return true
		}
	}
	return false
}

// Keep forgets all processes except the named ones and the ones that always exist.
func (p *Staleness) Keep(processes []string) {
	always := []string{JobManagerProcess, AllTaskManagers}
	maps.DeleteFunc(p.changes, func(process string, _ lastChange) bool {
		return !slices.Contains(always, process) && !slices.Contains(processes, process)
	})
}
