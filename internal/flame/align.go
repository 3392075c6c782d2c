package flame

import (
	"io"
	"slices"
)

// Alignment is two trees with one shape: both have the nodes of both profiles and differ
// only in their samples. They share memory: do not add to them.
type Alignment struct{ Base, New *Tree }

// Align returns copies of two trees with one shape. The trees themselves do not change.
// rename returns the name to use for a frame, for example [Normal]; it is called once for
// each name of each tree. Frames with the same new name become one.
func Align(base, next *Tree, rename func(name string) string) Alignment {
	union := New()
	here, there := union.graft(base, rename), union.graft(next, rename)
	union.settle()
	return Alignment{
		Base: union.counted(base, here, make([]int64, len(union.nodes))),
		New:  union.counted(next, there, union.self), // it holds zeros: graft adds no samples
	}
}

// WriteCollapsed writes one line for each stack that has samples in either tree,
//
//	frame;frame;frame BASE NEW
//
// in the order of [Tree.WriteCollapsed]. This is the format that tools for
// differential flame graphs read.
func (p Alignment) WriteCollapsed(w io.Writer) error { return writeCollapsed(w, p.Base, p.New) }

// graft adds the frames of other without their samples. It returns the node of t for each
// node of other.
//
// Two profiles of one program have their frames in nearly the same order, so graft first
// looks at the node after the last one it found. This avoids most searches in the table of
// edges, which are slow because they read memory that is not in the processor's cache.
func (t *Tree) graft(other *Tree, rename func(string) string) []int32 {
	names, apart := t.graftNames(other, rename)
	own := int32(len(t.nodes)) // nodes from here on are created by this call
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

// graftNames adds the renamed names of other, and returns the new id for each id of other.
// apart is true if all new names differ; then different frames of other stay different.
func (t *Tree) graftNames(other *Tree, rename func(string) string) (names []uint32, apart bool) {
	names = make([]uint32, len(other.names))
	taken := map[uint32]bool{}
	for id, name := range other.names {
		names[id] = t.intern([]byte(rename(name)))
		taken[names[id]] = true
	}
	return names, len(taken) == len(names)
}

// isChild reports whether a node is the child of parent with that name. The node may not
// exist.
func (t *Tree) isChild(at, parent int32, name uint32) bool {
	return int(at) < len(t.nodes) && t.nodes[at].parent == parent && t.nodes[at].name == name
}

// counted returns a tree in the shape of t with the samples of other. here is the node of t
// for each node of other. self must hold zeros; it becomes the samples of the tree.
func (t *Tree) counted(other *Tree, here []int32, self []int64) *Tree {
	out := *t
	out.unit, out.self = other.unit, self
	for i, samples := range other.self {
		out.self[here[i]] += samples
	}
	return &out
}
