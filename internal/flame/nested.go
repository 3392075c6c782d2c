package flame

import (
	"cmp"
	"fmt"
	"slices"
)

// NestedSet is a tree, or two aligned ones, as the rows of a table, root first and each frame
// before those that it calls: the form in which Grafana's flame graph takes a profile. Row 0
// is the root, "all", also of an empty tree; no other row has level 0.
type NestedSet struct {
	// Unit is that of the counts, as of [Tree.Unit].
	Unit string `json:"unit"`
	// Names are the names of the frames; Name has, for each row, an index into it.
	Names []string `json:"names"`
	Name  []int    `json:"name"`
	Level []int    `json:"level"`
	// Value counts the samples of a row and of all rows below it, Self those of the row alone.
	// Of two profiles they are the counts of the base.
	Value []int64 `json:"value"`
	Self  []int64 `json:"self"`
	// ValueRight and SelfRight are the counts of the other one of two profiles; nil for one.
	ValueRight []int64 `json:"value_right,omitempty"`
	SelfRight  []int64 `json:"self_right,omitempty"`
	// Hidden is the number of frames that are not rows because they are the smallest; their
	// samples are in rows of the name "(3 smaller)".
	Hidden int `json:"hidden"`
}

// NestedSet returns the tree with at most about limit rows: the frames with most samples. Each
// frame that calls smaller ones has one more row for all of them.
func (t *Tree) NestedSet(limit int) NestedSet { return nest([]*Tree{t}, limit) }

// NestedSet is [Tree.NestedSet] of both trees.
func (p Alignment) NestedSet(limit int) NestedSet { return nest([]*Tree{p.Base, p.New}, limit) }

// nester walks trees of one shape.
type nester struct {
	NestedSet
	trees []*Tree
	sums  [][]int64 // by tree, by node
	kept  []bool    // by node
	below children
	names map[string]int
}

func nest(trees []*Tree, limit int) NestedSet {
	n := nester{trees: trees, below: trees[0].children(), names: map[string]int{}}
	n.Unit = trees[0].Unit()
	for _, t := range trees {
		n.sums = append(n.sums, t.sums())
	}
	n.keep(limit)
	n.Value, n.Self = []int64{}, []int64{}
	n.row(0, "all", n.count(root), n.own(root))
	n.under(root, 1)
	return n.NestedSet
}

// keep chooses the nodes with most samples. A node has no more than its parent and comes
// after it, so that the parent of a chosen one is chosen too.
func (n *nester) keep(limit int) {
	order := make([]int32, len(n.trees[0].nodes))
	for at := range order {
		order[at] = int32(at)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(n.both(b), n.both(a)), cmp.Compare(a, b))
	})
	n.kept = make([]bool, len(order))
	for _, at := range order[:min(max(limit, 1), len(order))] {
		n.kept[at] = true
	}
}

// both is the number of samples of a node in all trees.
func (n *nester) both(at int32) (sum int64) {
	for _, sums := range n.sums {
		sum += sums[at]
	}
	return sum
}

func (n *nester) count(at int32) (counts [2]int64) {
	for i, sums := range n.sums {
		counts[i] = sums[at]
	}
	return counts
}

func (n *nester) own(at int32) (counts [2]int64) {
	for i, t := range n.trees {
		counts[i] = t.self[at]
	}
	return counts
}

// under adds the rows below a node.
func (n *nester) under(parent int32, level int) {
	var hidden int
	var rest [2]int64
	for _, at := range n.below.of(parent) {
		switch {
		case n.both(at) == 0:
		case n.kept[at]:
			n.row(level, n.trees[0].names[n.trees[0].nodes[at].name], n.count(at), n.own(at))
			n.under(at, level+1)
		default:
			hidden += n.size(at)
			for i, c := range n.count(at) {
				rest[i] += c
			}
		}
	}
	if hidden > 0 {
		n.Hidden += hidden
		n.row(level, fmt.Sprintf("(%d smaller)", hidden), rest, rest)
	}
}

// size is the number of frames of a node and below it.
func (n *nester) size(at int32) int {
	size := 1
	for _, child := range n.below.of(at) {
		if n.both(child) > 0 {
			size += n.size(child)
		}
	}
	return size
}

func (n *nester) row(level int, name string, value, self [2]int64) {
	id, known := n.names[name]
	if !known {
		id = len(n.Names)
		n.names[name] = id
		n.Names = append(n.Names, name)
	}
	n.Level, n.Name = append(n.Level, level), append(n.Name, id)
	n.Value, n.Self = append(n.Value, value[0]), append(n.Self, self[0])
	if len(n.trees) > 1 {
		n.ValueRight, n.SelfRight = append(n.ValueRight, value[1]), append(n.SelfRight, self[1])
	}
}
