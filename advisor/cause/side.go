package cause

import (
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// A profile is of a whole process, and the tasks of several vertices run there. Samples do
// not name the vertex, but they show whether a task reads from outside or from other tasks.
// So the vertices that a bound must leave out can be told apart where the bottleneck is a
// source and the others are not, or the other way round.

// side is where a task's records come from.
type side int

const (
	anySide side = iota // a stack that does not show it
	fromSource
	fromTasks
)

// The frames that show it.
var (
	readsSource = Pattern{
		"org.apache.flink.streaming.api.operators.SourceOperator.emitNext",
		"org.apache.flink.streaming.runtime.io.StreamTaskSourceInput.*",
		"org.apache.flink.streaming.runtime.tasks.SourceStreamTask$LegacySourceFunctionThread.run",
	}
	readsTasks = Pattern{
		"org.apache.flink.streaming.runtime.io.AbstractStreamTaskNetworkInput.*",
		"org.apache.flink.streaming.runtime.io.StreamTaskNetworkInput.*",
	}
)

// sideOf returns the side of a stack.
func sideOf(frames []*traits) side {
	for _, f := range frames {
		if f.side != anySide {
			return f.side
		}
	}
	return anySide
}

// sideOfFrame returns what one frame shows.
func sideOfFrame(dotted string) side {
	switch {
	case readsSource.matches(dotted):
		return fromSource
	case readsTasks.matches(dotted):
		return fromTasks
	}
	return anySide
}

func sideOfVertex(v evidence.Vertex) side {
	if strings.HasPrefix(v.Name, "Source: ") {
		return fromSource
	}
	return fromTasks
}

// split separates a profile of a process into the samples that can be the bottleneck's and
// those of vertices on the other side. ok is false if there is nothing to separate, or if
// hardly any sample is the bottleneck's: then it waits, and nothing is known of its code.
func (f *Facts) split(p evidence.Profile) (limits, beside evidence.Profile, ok bool) {
	v, known := f.Bundle.Vertex(f.Bundle.Bottleneck)
	if !known || p.Vertex != "" {
		return p, p, false
	}
	here := sideOfVertex(v)
	for _, other := range f.Bundle.Vertices {
		if sideOfVertex(other) != here {
			beside.Vertex = other.ID // the first one stands for that side
			break
		}
	}
	if beside.Vertex == "" {
		return p, p, false
	}
	limits = f.only(p, func(s side) bool { return s == anySide || s == here })
	limits.Vertex = p.Vertex
	other := f.only(p, func(s side) bool { return s != anySide && s != here })
	other.Vertex = beside.Vertex
	one := f.reader.tally(limits)
	return limits, other, one.Busy >= leastTaskSamples && f.reader.holds(other)
}

// only is a profile with the stacks of one side; stacks of other threads stay.
func (f *Facts) only(p evidence.Profile, wanted func(side) bool) evidence.Profile {
	all := p.Stacks
	p.Stacks = func(yield func([]string, int64) bool) {
		for stack, n := range all {
			if wanted(sideOf(f.reader.read(stack))) && !yield(stack, n) {
				return
			}
		}
	}
	return p
}

// holds reports whether a profile has any sample.
func (t *tallier) holds(p evidence.Profile) bool {
	for _, n := range p.Stacks {
		if n > 0 {
			return true
		}
	}
	return false
}
