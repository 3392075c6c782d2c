package flame

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// WriteCollapsed writes one line for each distinct stack,
//
//	frame;frame;frame COUNT
//
// with the root first. COUNT is the stack's self value. The lines are sorted bytewise by
// stack. The line for samples without a stack begins with the space. The counts add up to
// [Tree.Total].
func (t *Tree) WriteCollapsed(w io.Writer) error { return writeCollapsed(w, t) }

// writeCollapsed writes a column of counts for each tree. The trees have the same shape.
func writeCollapsed(w io.Writer, columns ...*Tree) error {
	t := columns[0]
	out := bufio.NewWriterSize(w, 64<<10)
	c := collapser{tree: t, columns: columns, below: t.children(), rank: t.ranks(), out: out}
	if c.sampled(root) {
		c.line(root)
	}
	c.under(root)
	return out.Flush()
}

// collapser walks the tree in the order of the lines and writes them. The line of a frame
// and the lines below it are not always adjacent: for frames `a` and `a$b`, lines begin
// with `a `, `a$b ` and `a;`, in this order. So a frame's line and the lines below it are
// separate items.
type collapser struct {
	tree    *Tree
	columns []*Tree
	below   children
	rank    []uint32 // at 2*name the rank of the name, at 2*name+1 the rank of the name with a semicolon
	items   []uint64 // of all open frames: rank, node, and 1 for the lines below the node
	stack   []byte
	out     *bufio.Writer
}

// under writes all lines below a node.
func (c *collapser) under(parent int32) {
	from := len(c.items)
	for _, at := range c.below.of(parent) {
		name := 2 * uint64(c.tree.nodes[at].name)
		if c.sampled(at) {
			c.items = append(c.items, uint64(c.rank[name])<<33|uint64(at)<<1)
		}
		if len(c.below.of(at)) > 0 {
			c.items = append(c.items, uint64(c.rank[name+1])<<33|uint64(at)<<1|1)
		}
	}
	// The recursion appends to c.items after these items, or to a copy if the array grows.
	items, stack := c.items[from:], len(c.stack)
	slices.Sort(items)
	for _, item := range items {
		at := int32(uint32(item >> 1))
		c.stack = append(c.stack, c.tree.names[c.tree.nodes[at].name]...)
		if item&1 == 0 {
			c.line(at)
		} else {
			c.stack = append(c.stack, ';')
			c.under(at)
		}
		c.stack = c.stack[:stack]
	}
	c.items = c.items[:from]
}

// sampled reports whether a node has a line.
func (c *collapser) sampled(at int32) bool {
	for _, column := range c.columns {
		if column.self[at] != 0 {
			return true
		}
	}
	return false
}

// line writes the line of the node whose stack is c.stack. The later Flush returns the
// error of a failed write.
func (c *collapser) line(at int32) {
	_, _ = c.out.Write(c.stack)
	var space [48]byte
	counts := space[:0]
	for _, column := range c.columns {
		counts = strconv.AppendInt(append(counts, ' '), column.self[at], 10)
	}
	_, _ = c.out.Write(append(counts, '\n'))
}

// ranks returns the rank of each name, and of each name with a semicolon, in one common
// order. It sorts only the names. A name with a semicolon comes after the name itself, and
// after the names that continue it with a byte below the semicolon. These groups are
// nested, so a stack holds the names whose semicolon form is still to come.
func (t *Tree) ranks() []uint32 {
	ranks := make([]uint32, 2*len(t.names))
	next := uint32(0)
	give := func(key uint32) { ranks[key], next = next, next+1 }
	var open []uint32
	for _, id := range t.idsByName() {
		for len(open) > 0 && !t.precedesSemicolon(id, open[len(open)-1]) {
			give(2*open[len(open)-1] + 1)
			open = open[:len(open)-1]
		}
		give(2 * id)
		open = append(open, id)
	}
	for _, id := range slices.Backward(open) {
		give(2*id + 1)
	}
	return ranks
}

// precedesSemicolon reports whether the name id sorts before the name begin with a
// semicolon. id must sort after begin.
func (t *Tree) precedesSemicolon(id, begin uint32) bool {
	rest, ok := strings.CutPrefix(t.names[id], t.names[begin])
	return ok && rest[0] < ';'
}

// idsByName lists the ids of the names in bytewise order of the names. The names of newer
// pages are already in this order.
func (t *Tree) idsByName() []uint32 {
	ids := make([]uint32, len(t.names))
	for id := range ids {
		ids[id] = uint32(id)
	}
	slices.SortFunc(ids, func(a, b uint32) int { return strings.Compare(t.names[a], t.names[b]) })
	return ids
}

// ReadCollapsed reads collapsed stacks of async-profiler or of [Tree.WriteCollapsed]. The
// lines may come in any order, and equal stacks are added up. Empty lines and lines that
// begin with a number sign are skipped. The errors are those of [ReadPage].
func ReadCollapsed(r io.Reader) (*Tree, error) { return readCollapsed(r, defaultLimits) }

func readCollapsed(r io.Reader, limits limits) (*Tree, error) {
	in := collapsedReader{lines: newLines(r, limits), tree: New()}
	for {
		line, ended, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			in.tree.settle()
			in.tree.judgeUnit("")
			return in.tree, errIfReversed(in.tree)
		case err != nil:
			return nil, err
		case len(bytes.TrimSpace(line)) == 0 || line[0] == '#':
			continue
		}
		if err := in.stack(line); errors.Is(err, ErrMalformed) && !ended {
			return nil, in.fault(ErrCutOff, "the last line has no count and no end")
		} else if err != nil {
			return nil, err
		}
	}
}

type collapsedReader struct {
	*lines
	tree  *Tree
	total int64
}

// stack adds the samples of one line.
func (r *collapsedReader) stack(line []byte) error {
	space := bytes.LastIndexByte(line, ' ')
	count, digits := number(line[space+1:])
	if space < 0 || digits == 0 || digits < len(line)-space-1 {
		return r.fault(ErrMalformed, "no count after the stack")
	}
	at, depth := int32(root), 0
	var frame []byte
	for rest, more := line[:space], space > 0; more; depth++ {
		frame, rest, more = bytes.Cut(rest, []byte(";"))
		name, err := r.name(r.tree, frame)
		if err != nil {
			return err
		}
		if err := r.roomFor(r.tree, depth+1); err != nil {
			return err
		}
		at = r.tree.child(at, name)
	}
	if r.total += count; r.total > mostSamples {
		return r.fault(ErrTooLarge, "more samples than can be counted")
	}
	r.tree.self[at] += count
	return nil
}
