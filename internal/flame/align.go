package flame

import (
	"io"
	"slices"
)

// Alignment is two trees in one shape: both have every frame of either, at the same
// place, and differ in their samples only. They share memory: nothing may be
// added to them.
type Alignment struct{ Base, New *Tree }

// Align lays two trees over each other, which stay as they are. rename is asked once
// for each name of each tree what the frame is to be called, see [Normal]; frames
// that are called the same become one.
func Align(base, next *Tree, rename func(name string) string) Alignment {
	union := New()
	here, there := union.graft(base, rename), union.graft(next, rename)
	union.settle()
	return Alignment{
		Base: union.counted(base, here, make([]int64, len(union.nodes))),
		New:  union.counted(next, there, union.self), // all zero: frames were added, not their samples
	}
}

// WriteCollapsed writes one line for each stack that either tree has samples of,
//
//	frame;frame;frame BASE NEW
//
// in the order of [Tree.WriteCollapsed]. This is the format that tools for
// differential flame graphs read.
func (p Alignment) WriteCollapsed(w io.Writer) error { return writeCollapsed(w, p.Base, p.New) }

// graft adds the frames of other without their samples and returns, by node of
// other, where they are.
//
// Two profiles of one program are walked in much the same order, so a frame is first
// looked for behind the one before it. That spares most questions to the table of
// edges, each of which reads memory that nothing else has read lately.
func (t *Tree) graft(other *Tree, rename func(string) string) []int32 {
	names, apart := t.graftNames(other, rename)
	own := int32(len(t.nodes)) // what is below these was grafted here and now
	if own == 1 {
		own = root
		room := len(other.nodes) + len(other.nodes)/4
		t.nodes, t.self = slices.Grow(t.nodes, room), slices.Grow(t.self, room)
	}
	here := make([]int32, len(other.nodes))
	last := int32(root) // the frame that was found last
	for i, n := range other.nodes[1:] {
		parent, name := here[n.parent], names[n.name]
		switch {
		case apart && parent >= own:
			here[i+1] = t.newChild(parent, name)
		case t.isChild(last+1, parent, name):
			last++
			here[i+1] = last
		default:
			last = t.child(parent, name)
			here[i+1] = last
		}
	}
	return here
}

// graftNames adds the names of other as they are to be called, and returns them by
// other's. apart is whether no two of these are called the same; then frames that
// other keeps apart stay so.
func (t *Tree) graftNames(other *Tree, rename func(string) string) (names []uint32, apart bool) {
	names = make([]uint32, len(other.names))
	taken := map[uint32]bool{}
	for id, name := range other.names {
		names[id] = t.intern([]byte(rename(name)))
		taken[names[id]] = true
	}
	return names, len(taken) == len(names)
}

// isChild reports whether a node, which need not exist, is the child of that name.
func (t *Tree) isChild(at, parent int32, name uint32) bool {
	return int(at) < len(t.nodes) && t.nodes[at].parent == parent && t.nodes[at].name == name
}

// counted returns a tree in the shape of t with the samples of other, whose nodes
// are here in t. It keeps them in self, which holds zeros.
func (t *Tree) counted(other *Tree, here []int32, self []int64) *Tree {
	out := *t
	out.unit, out.self = other.unit, self
	for i, samples := range other.self {
		out.self[here[i]] += samples
	}
	return &out
}
