package cause

import (
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// longestName is how much of a vertex's name stands in a title, in bytes: chains of operators
// have long names.
const longestName = 60

// Whose names the tasks that shares are of: the vertex that limits the job, if the samples can
// be of no other vertex.
func (f *Facts) Whose() string { return f.whose(f.Basis, "") }

// whose returns the name of the tasks whose samples are in tally y below a method.
func (f *Facts) whose(y *Tally, method string) string {
	v, known := f.Bundle.Vertex(f.Bundle.Bottleneck)
	switch {
	case known && (!f.ambiguous(v) || y.onlyOf(v.ID) || f.methods.ofLimit(method)):
		return f.Limit()
	case y != nil && y.Busy != y.whole.work:
		return f.either("the tasks that limit", "the busiest tasks")
	}
	return "the tasks"
}

// Limit names the vertex that limits the job, or is the busiest.
func (f *Facts) Limit() string {
	v, known := f.Bundle.Vertex(f.Bundle.Bottleneck)
	if !known {
		return "the bottleneck"
	}
	return evidence.Clean(evidence.CleanOr(v.Name, v.ID), longestName)
}

// either chooses the words where a vertex limits the job, or where the busiest one has time left.
func (f *Facts) either(limits, busiest string) string {
	if f.limited {
		return limits
	}
	return busiest
}

// hardlyBusy is the busy fraction below which a vertex adds next to nothing to a profile.
const hardlyBusy = 0.02

// ambiguous reports whether samples that count for a vertex can be of another one: it reads
// from the same side, works, and no flame graph tells the two apart.
func (f *Facts) ambiguous(limit evidence.Vertex) bool {
	if f.methods.first != "" {
		return false
	}
	for _, v := range f.Bundle.Vertices {
		idle := v.Busy != nil && *v.Busy < hardlyBusy
		if v.ID != limit.ID && !idle && sideOfVertex(v) == sideOfVertex(limit) {
			return true
		}
	}
	return false
}

// GoesInto is the title of a finding about k samples of rule i: whose time goes into what, and
// below which method of the user most of it is.
func (f *Facts) GoesInto(i int, y *Tally, k int64) string {
	time := "CPU time"
	if y == &f.Wall {
		time = "busy time"
	}
	return fmt.Sprintf("%s of the %s of %s goes into %s%s", evidence.Percent(float64(k)/float64(y.Busy)), time,
		f.whose(y, f.below(i, y, k)), f.Rules[i].What, f.Below(i, y, k))
}

// onlyOf reports whether all profiles of a tally are of one vertex.
func (y *Tally) onlyOf(vertex string) bool {
	return y != nil && len(y.profiles) > 0 &&
		!slices.ContainsFunc(y.profiles, func(p evidence.Profile) bool { return p.Vertex != vertex })
}

// Below names the method of the user below which most of the k samples of rule i are; it is
// empty if no method holds most of them.
func (f *Facts) Below(i int, y *Tally, k int64) string {
	if method := f.below(i, y, k); method != "" {
		return ", below " + FrameName(method)
	}
	return ""
}

func (f *Facts) below(i int, y *Tally, k int64) string {
	from := y.routesOf(i).from
	method := most(from)
	if method == "" || float64(from[method]) < mostOfCause*float64(k) {
		return ""
	}
	return method
}
