// Package limit says what limits a job, and by how much, from the time that its vertices are busy.
//
// Flink's busy time is a mean over about a minute and, of a vertex, over its subtasks. Both hide a
// limit: a minute in which the load began holds idle time, and beside a hot subtask the others idle.
// A gain that is made with such a mean is too small. So the package looks at the subtask that limits,
// and at the flame graphs of vertices, which show how busy a vertex is while it is profiled.
package limit

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Shares of time that show that something limits a job. They are those of the collector, so
// that the advice does not contradict the metrics.
const (
	// Saturated is the busy share of a subtask without reserve.
	Saturated = 0.8
	heldBack  = 0.1
)

// Job is what is known of the busy time of a job's vertices.
type Job struct {
	bundle *evidence.Bundle
	seen   map[string]Seen
}

// Of returns the job of a bundle, without flame graphs.
func Of(b *evidence.Bundle) Job { return Job{bundle: b, seen: map[string]Seen{}} }

// Seen are the samples of a flame graph that show the tasks of one vertex.
type Seen struct {
	// Tasks are all of them, Busy those at work, Off those at work that are off the CPU.
	Tasks, Busy, Off int64
}

// See adds the flame graph of a vertex.
func (j Job) See(vertex string, s Seen) {
	sum := j.seen[vertex]
	j.seen[vertex] = Seen{Tasks: sum.Tasks + s.Tasks, Busy: sum.Busy + s.Busy, Off: sum.Off + s.Off}
}

// Limited reports whether a vertex has a subtask without reserve, or waits for another so
// much that something after it is a limit.
func (j Job) Limited() bool {
	return slices.ContainsFunc(j.bundle.Vertices, func(v evidence.Vertex) bool { return Full(v) || waits(v) })
}

// Full reports whether a subtask of a vertex has no reserve.
func Full(v evidence.Vertex) bool {
	busiest := v.BusyMax
	if busiest == nil {
		busiest = v.Busy
	}
	return busiest != nil && *busiest >= Saturated
}

func waits(v evidence.Vertex) bool { return v.Backpressured != nil && *v.Backpressured >= heldBack }

// bottleneck is the vertex that limits the job or is the busiest; known is false without one or
// without its busy time.
func (j Job) bottleneck() (v evidence.Vertex, l Load, known bool) {
	v, known = j.bundle.Vertex(j.bundle.Bottleneck)
	if !known {
		return v, l, false
	}
	l, known = counted(v)
	return v, l, known
}
