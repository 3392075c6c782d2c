package cause

import (
	"cmp"

	"github.com/flink-sidecar/flink-sidecar/advisor/frame"
	"github.com/flink-sidecar/flink-sidecar/advisor/limit"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// methods are the user's methods that the profiles of single vertices show.
type methods struct {
	limit map[string]bool
	// others has the vertex of each method, severalOthers if there is more than one.
	others map[string]string
	first  string // a vertex with methods of its own, other than the bottleneck
}

// enoughToTell is the number of samples at work from which the profile of a vertex shows its
// methods well enough to tell its stacks from others.
const enoughToTell = 50

// readMethods learns from the profiles of vertices how busy they are, and which of the user's methods
// the bottleneck runs and which the others. Without a profile of the bottleneck it learns no methods.
func (f *Facts) readMethods() methods {
	out := methods{limit: map[string]bool{}, others: map[string]string{}}
	for _, p := range f.Bundle.Profiles {
		if p.Vertex == "" {
			continue
		}
		y, quality := f.reader.tally(p), flame.QualityOf(p.Stacks)
		if p.Mode == "WALL" && quality.Grade != flame.Bad {
			f.Load.See(p.Vertex, limit.Seen{Tasks: y.task, Busy: y.Busy, Off: y.off})
		}
		if y.doubt(quality) != "" {
			continue
		}
		if p.Vertex == f.Bundle.Bottleneck && y.Busy < enoughToTell {
			continue
		}
		for name := range y.frames {
			if frame.UsersOwn(name) {
				out.add(name, p.Vertex, f.Bundle.Bottleneck)
			}
		}
	}
	if len(out.limit) == 0 {
		return methods{}
	}
	return out
}

// add notes that a vertex shows a method.
func (m *methods) add(name, vertex, bottleneck string) {
	if vertex == bottleneck {
		m.limit[name] = true
		return
	}
	m.first = cmp.Or(m.first, vertex)
	if known, there := m.others[name]; there && known != vertex {
		vertex = severalOthers
	}
	m.others[name] = vertex
}

// ofLimit reports whether only the bottleneck shows a method.
func (m methods) ofLimit(name string) bool { return m.limit[name] && m.others[name] == "" }

// operator names the vertex whose tasks show a frame of a tally, empty where it is not known or
// there are several. Where no profiles of vertices tell, the names of threads do: profiles that Flink
// takes have none, those of async-profiler can.
func (f *Facts) operator(y *Tally, name string) string {
	id := f.methods.others[name]
	switch {
	case y.onlyOf(f.Bundle.Bottleneck) || f.methods.ofLimit(name):
		id = f.Bundle.Bottleneck
	case f.methods.limit[name]:
		return ""
	}
	if v, known := f.Bundle.Vertex(id); known && id != "" {
		return evidence.Clean(evidence.CleanOr(v.Name, v.ID), evidence.MaxSubject)
	}
	return evidence.Clean(y.whole.frames[name].named(), evidence.MaxSubject)
}

// ofOthers reports whether a stack has methods of another vertex and none of the bottleneck's.
func (m methods) ofOthers(frames []*traits) bool {
	others := false
	for _, f := range frames {
		if !f.User {
			continue
		}
		if m.limit[f.dotted] {
			return false
		}
		others = others || m.others[f.dotted] != ""
	}
	return others
}
