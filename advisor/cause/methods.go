package cause

import "github.com/flink-sidecar/flink-sidecar/internal/flame"

// methods are the user's methods that the profiles of single vertices show.
type methods struct {
	limit, others map[string]bool
	first         string // a vertex with methods of its own, other than the bottleneck
}

// enoughToTell is the number of samples at work from which the profile of a vertex shows its
// methods well enough to tell its stacks from others.
const enoughToTell = 50

// readMethods learns from the profiles of vertices which of the user's methods the bottleneck
// runs, and which the others. Without a profile of the bottleneck it learns nothing.
func (f *Facts) readMethods() methods {
	out := methods{limit: map[string]bool{}, others: map[string]bool{}}
	for _, p := range f.Bundle.Profiles {
		if p.Vertex == "" {
			continue
		}
		y := f.reader.tally(p)
		if y.doubt(flame.QualityOf(p.Stacks)) != "" {
			continue
		}
		into := out.others
		switch {
		case p.Vertex == f.Bundle.Bottleneck && y.Busy >= enoughToTell:
			into = out.limit
		case p.Vertex == f.Bundle.Bottleneck:
			continue
		case out.first == "":
			out.first = p.Vertex
		}
		for name := range y.frames {
			if usersOwn(name) {
				into[name] = true
			}
		}
	}
	if len(out.limit) == 0 {
		return methods{}
	}
	return out
}

// ofOthers reports whether a stack has methods of another vertex and none of the bottleneck's.
func (m methods) ofOthers(frames []*traits) bool {
	others := false
	for _, f := range frames {
		if !f.user {
			continue
		}
		if m.limit[f.dotted] {
			return false
		}
		others = others || m.others[f.dotted]
	}
	return others
}
