package flame

import (
	"cmp"
	"slices"
	"strings"
)

// Frame has the counts of one frame over all stacks, in samples.
type Frame struct {
	Name string `json:"name"`
	// Self counts the samples taken in the frame itself.
	Self int64 `json:"self"`
	// Total counts the samples with the frame anywhere on their stack. A sample counts
	// once, also when the frame occurs several times on its stack.
	Total int64 `json:"total"`
}

// Frames lists every frame, the hottest first: by self value, then total, then
// name.
func (t *Tree) Frames() []Frame {
	frames := slices.DeleteFunc(t.framesByName(), func(f Frame) bool { return f.Total == 0 })
	slices.SortFunc(frames, func(a, b Frame) int {
		return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(b.Total, a.Total), strings.Compare(a.Name, b.Name))
	})
	return frames
}

// framesByName lists the frames by the ids of their names, including frames without
// samples.
func (t *Tree) framesByName() []Frame { return t.framesBelow(t.children()) }

// framesBelow is framesByName for a tree whose children are known. Aligned trees share
// their children.
func (t *Tree) framesBelow(below children) []Frame {
	frames := make([]Frame, len(t.names))
	for id, name := range t.names {
		frames[id].Name = name
	}
	for i, n := range t.nodes[1:] {
		frames[n.name].Self += t.self[i+1]
	}
	counter := totals{tree: t, below: below, sums: t.sums(), open: make([]bool, len(t.names)), frames: frames}
	counter.count(root)
	return frames
}

// Top lists the n hottest frames, or all when there are fewer.
func (t *Tree) Top(n int) []Frame {
	frames := t.Frames()
	return frames[:min(n, len(frames))]
}

// totals walks a tree and computes the total of each frame.
type totals struct {
	tree   *Tree
	below  children
	sums   []int64 // by node: the samples of its subtree
	open   []bool  // by name: the walk is below a frame of this name
	frames []Frame // by name
}

func (c *totals) count(parent int32) {
	for _, at := range c.below.of(parent) {
		name := c.tree.nodes[at].name
		outermost := !c.open[name]
		if outermost {
			c.frames[name].Total += c.sums[at]
			c.open[name] = true
		}
		c.count(at)
		if outermost {
			c.open[name] = false
		}
	}
}

// sums returns, by node, the samples of its subtree.
func (t *Tree) sums() []int64 {
	sums := make([]int64, len(t.nodes))
	for at := len(t.nodes) - 1; at >= 0; at-- {
		sums[at] += t.self[at]
		if at != root {
			sums[t.nodes[at].parent] += sums[at]
		}
	}
	return sums
}

// children lists the children of every node in one array.
type children struct {
	first []int32 // by node, with one extra entry at the end: where its children begin in all
	all   []int32
}

func (c children) of(parent int32) []int32 { return c.all[c.first[parent]:c.first[parent+1]] }

// children groups the nodes by parent, in the order in which they were added.
func (t *Tree) children() children {
	// While all is filled, first is shifted by one: first[parent+1] is the place of the
	// next child of parent. At the end it is where the children of parent+1 begin.
	first, all := make([]int32, len(t.nodes)+2), make([]int32, len(t.nodes)-1)
	for _, n := range t.nodes[1:] {
		first[n.parent+2]++
	}
	for i := range t.nodes {
		first[i+1] += first[i]
	}
	for i, n := range t.nodes[1:] {
		all[first[n.parent+1]] = int32(i + 1)
		first[n.parent+1]++
	}
	return children{first: first[:len(t.nodes)+1], all: all}
}
