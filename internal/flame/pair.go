package flame

import (
	"io"
	"slices"
)

// Pair is two trees in one shape: both have every frame of either, at the same
// place, and differ in their samples only. They share memory: nothing may be
// added to them.
type Pair struct{ Base, New *Tree }

// Lay lays two trees over each other, which stay as they are. rename is asked once
// for each name of each tree what the frame is to be called, see [Normal]; frames
// that are called the same become one.
func Lay(base, next *Tree, rename func(name string) string) Pair {
	union := New()
	here, there := union.graft(base, rename), union.graft(next, rename)
	return Pair{Base: union.counted(base, here), New: union.counted(next, there)}
}

// WriteCollapsed writes one line for each stack that either tree has samples of,
//
//	frame;frame;frame BASE NEW
//
// in the order of [Tree.WriteCollapsed]. This is the format that tools for
// differential flame graphs read.
func (p Pair) WriteCollapsed(w io.Writer) error { return writeCollapsed(w, p.Base, p.New) }

// graft adds the frames of other without their samples and returns, by node of
// other, where they are.
func (t *Tree) graft(other *Tree, rename func(string) string) []int32 {
	first := len(t.nodes) == 1
	names := make([]uint32, len(other.names)) // other's id → t's
	for id, name := range other.names {
		names[id] = t.intern([]byte(rename(name)))
	}
	// Into an empty tree, names that stay apart keep all frames apart, and none
	// has to be looked for.
	child := t.child
	if first && len(t.names) == len(other.names) {
		child = t.newChild
		t.nodes = append(make([]node, 0, 2*len(other.nodes)), t.nodes...)
	}
	here := make([]int32, len(other.nodes))
	for i, n := range other.nodes[1:] {
		here[i+1] = child(here[n.parent], names[n.name])
	}
	return here
}

// counted returns a tree in the shape of t with the samples of other, whose nodes
// are here in t.
func (t *Tree) counted(other *Tree, here []int32) *Tree {
	out := *t
	out.nodes = slices.Clone(t.nodes)
	for i, n := range other.nodes {
		out.nodes[here[i]].self += n.self
	}
	return &out
}
