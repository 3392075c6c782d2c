package cause

import (
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/frame"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// A profile is of a whole process, and the tasks of several vertices run there. Samples do
// not name the vertex, but they show whether a task reads from outside or from other tasks, and
// which methods of the user it runs. So the vertices that a bound must leave out can be told
// apart where the bottleneck is a source and the others are not, or the other way round, and
// where Flink's flame graphs tell which vertex runs which method.

// sideOf returns the side of a stack.
func sideOf(frames []*traits) frame.Side {
	for _, f := range frames {
		if f.Side != frame.AnySide {
			return f.Side
		}
	}
	return frame.AnySide
}

func sideOfVertex(v evidence.Vertex) frame.Side {
	if strings.HasPrefix(v.Name, "Source: ") {
		return frame.FromSource
	}
	return frame.FromTasks
}

// split separates a profile of a process into the samples that can be the bottleneck's and
// those that are of other vertices. ok is false if there is nothing to separate, or if hardly
// any sample is the bottleneck's: then it waits, and nothing is known of its code.
func (f *Facts) split(p evidence.Profile) (limits, beside evidence.Profile, ok bool) {
	v, known := f.Bundle.Vertex(f.Bundle.Bottleneck)
	if !known || p.Vertex != "" {
		return p, p, false
	}
	other, found := f.standsForOthers(v)
	if !found {
		return p, p, false
	}
	here := sideOfVertex(v)
	elsewhere := func(frames []*traits) bool {
		s := sideOf(frames)
		return s != frame.AnySide && s != here || f.methods.ofOthers(frames)
	}
	limits = f.only(p, func(frames []*traits) bool { return !elsewhere(frames) })
	limits.Vertex = p.Vertex
	rest := f.only(p, elsewhere)
	rest.Vertex = other
	one := f.reader.tally(limits)
	return limits, rest, one.Busy >= leastTaskSamples && f.reader.holds(rest)
}

// severalOthers stands for vertices that the samples do not tell apart.
const severalOthers = "the other vertices"

// standsForOthers returns the vertex that the samples of other vertices are shown as. It is
// none if all vertices are on one side and no methods are known.
func (f *Facts) standsForOthers(limit evidence.Vertex) (id string, found bool) {
	var others []string
	for _, v := range f.Bundle.Vertices {
		if v.ID != limit.ID && (f.methods.first != "" || sideOfVertex(v) != sideOfVertex(limit)) {
			others = append(others, v.ID)
		}
	}
	switch len(others) {
	case 0:
		return "", false
	case 1:
		return others[0], true
	}
	return severalOthers, true
}

// only is a profile with the stacks that are wanted.
func (f *Facts) only(p evidence.Profile, wanted func([]*traits) bool) evidence.Profile {
	all := p.Stacks
	p.Stacks = func(yield func([]string, int64) bool) {
		for stack, n := range all {
			if wanted(f.reader.read(stack)) && !yield(stack, n) {
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
