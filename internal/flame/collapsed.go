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
// root first, COUNT being the stack's self value, sorted bytewise by stack.
// Samples without a stack are a line that begins with the space. The counts add
// up to [Tree.Total].
func (t *Tree) WriteCollapsed(w io.Writer) error { return writeCollapsed(w, t) }

// writeCollapsed writes a column of counts for each of the trees, which have one
// shape.
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

// collapser writes the lines in order by walking the tree in that order. The
// line of a frame and the lines below it don't stand together: of frames `a` and
// `a$b`, lines begin with `a `, `a$b ` and `a;`, and by stack they are sorted in
// this order. So both are items of their own.
type collapser struct {
	tree    *Tree
	columns []*Tree
	below   children
	rank    []uint32 // by 2*name: of the name; by 2*name+1: of the name with a semicolon
	items   []uint64 // of the frames that are open: rank, node, 1 for what is below
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
	// What is open below is appended behind these, or to a copy of them.
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

// line writes the line of the node whose stack is c.stack. A failed write is
// found when the buffer is flushed.
func (c *collapser) line(at int32) {
	_, _ = c.out.Write(c.stack)
	var space [48]byte
	counts := space[:0]
	for _, column := range c.columns {
		counts = strconv.AppendInt(append(counts, ' '), column.self[at], 10)
	}
	_, _ = c.out.Write(append(counts, '\n'))
}

// ranks tells the place of each name, and of each name with a semicolon, among
// all of them. Only the names are sorted. The one with a semicolon comes behind
// its name and those that begin with the name and go on with less than a
// semicolon; such names are inside of each other, so that a stack holds what is
// still to come.
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

// precedesSemicolon reports whether a name, which comes behind begin, comes before
// begin with a semicolon.
func (t *Tree) precedesSemicolon(id, begin uint32) bool {
	rest, ok := strings.CutPrefix(t.names[id], t.names[begin])
	return ok && rest[0] < ';'
}

// idsByName lists the names in bytewise order. Those of newer pages were read in
// it.
func (t *Tree) idsByName() []uint32 {
	ids := make([]uint32, len(t.names))
	for id := range ids {
		ids[id] = uint32(id)
	}
	slices.SortFunc(ids, func(a, b uint32) int { return strings.Compare(t.names[a], t.names[b]) })
	return ids
}

// ReadCollapsed reads collapsed stacks, async-profiler's or ours: the lines may
// come in any order, and equal stacks are added up. Empty lines and lines that
// begin with a number sign are skipped. Errors are like those of [ReadPage].
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
