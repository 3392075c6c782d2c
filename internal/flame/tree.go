package flame

import (
	"iter"
	"slices"
	"strings"
)

// Tree is a set of stacks, each with its number of samples. The zero value is not
// usable; see [New]. Reading is safe for concurrent use, changing is not.
type Tree struct {
	names     []string
	nameBytes int               // of all names together
	ids       map[string]uint32 // index into names; nil until the first search for a name
	nodes     []node            // a parent comes before its children; nodes[0] is the root
	self      []int64           // by node: its self samples. Aligned trees share nodes, but not self
	edges     edges
	unit      string // of all counts; empty means samples
}

// node is one frame on one stack.
type node struct {
	parent int32
	name   uint32
}

// root is the index of the root node, which is not a frame.
const root = 0

// New returns a tree without samples.
func New() *Tree {
	return &Tree{nodes: []node{{parent: -1}}, self: []int64{0}}
}

// Add adds samples to a stack, given root first. Frames lose their type suffix. An empty
// stack takes the samples that have no stack.
func (t *Tree) Add(stack []string, samples int64) {
	at := int32(root)
	for _, frame := range stack {
		at = t.child(at, t.intern([]byte(frame)))
	}
	t.self[at] += samples
}

// Total is the number of samples.
func (t *Tree) Total() int64 {
	var sum int64
	for _, samples := range t.self {
		sum += samples
	}
	return sum
}

// Only returns a tree with the samples whose stack keep accepts. keep gets the stack root
// first. The two trees share memory: do not add to either of them afterwards.
func (t *Tree) Only(keep func(stack []string) bool) *Tree {
	out := *t
	out.self = slices.Clone(t.self)
	for at, stack := range t.sampled() {
		if !keep(stack) {
			out.self[at] = 0
		}
	}
	return &out
}

// Stacks yields each distinct stack that has samples, root first, with the number of its
// samples, in no particular order. The slice is reused: copy it to keep it.
func (t *Tree) Stacks() iter.Seq2[[]string, int64] {
	return func(yield func([]string, int64) bool) {
		for at, stack := range t.sampled() {
			if !yield(stack, t.self[at]) {
				return
			}
		}
	}
}

// sampled yields the nodes that have samples, each with its stack.
func (t *Tree) sampled() iter.Seq2[int32, []string] {
	return func(yield func(int32, []string) bool) {
		var stack []string
		for at, samples := range t.self {
			if samples == 0 {
				continue
			}
			stack = stack[:0]
			for up := int32(at); up != root; up = t.nodes[up].parent {
				stack = append(stack, t.names[t.nodes[up].name])
			}
			slices.Reverse(stack)
			if !yield(int32(at), stack) {
				return
			}
		}
	}
}

// child returns the node for a frame below parent, and creates it if it does not exist.
func (t *Tree) child(parent int32, name uint32) int32 {
	if at, ok := t.edges.find(t.nodes, parent, name); ok {
		return at
	}
	return t.newChild(parent, name)
}

// newChild creates the node for a frame. The caller knows that parent does not have it yet.
func (t *Tree) newChild(parent int32, name uint32) int32 {
	if len(t.nodes) == cap(t.nodes) { // doubling copies a quarter of the bytes that append copies
		t.nodes, t.self = slices.Grow(t.nodes, len(t.nodes)), slices.Grow(t.self, len(t.nodes))
	}
	t.nodes, t.self = append(t.nodes, node{parent: parent, name: name}), append(t.self, 0)
	return int32(len(t.nodes) - 1)
}

// intern returns the id of a frame's name. It first converts the name to the form that the
// package comment describes.
func (t *Tree) intern(frame []byte) uint32 {
	frame = withoutSuffix(frame)
	if t.ids == nil {
		t.indexNames()
	}
	if id, ok := t.ids[string(frame)]; ok {
		return id
	}
	name := strings.ReplaceAll(string(frame), ";", "|")
	if name != "" && name[0] == '#' {
		name = "|" + name[1:]
	}
	id, known := t.ids[name]
	if !known {
		id = uint32(len(t.names))
		t.names = append(t.names, name)
		t.nameBytes += len(name)
		t.ids[name] = id
	}
	return id
}

// withoutSuffix removes the suffix with which async-profiler's collapsed output says how a
// frame was compiled, or that it is a frame of the kernel. It removes repeated suffixes
// too, although async-profiler never writes them, so that a name that is written and read
// again stays the same.
func withoutSuffix(frame []byte) []byte {
	for {
		cut := len(frame) - len("_[j]")
		if cut < 0 || frame[cut] != '_' || frame[cut+1] != '[' || frame[cut+3] != ']' {
			return frame
		}
		switch frame[cut+2] {
		case '0', 'j', 'i', 'k', '1':
			frame = frame[:cut]
		default:
			return frame
		}
	}
}
