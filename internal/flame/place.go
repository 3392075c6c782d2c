package flame

// frame is an open frame of the page: later frames may be its children or its siblings.
type frame struct {
	left  int64
	right int64
	next  int64 // the least left edge of the next child: left, or the right edge of the last child
	node  int32
	// greatest is the greatest name of the children so far; none is true while there
	// are no children.
	greatest uint32
	none     bool
	// again is true if the node had children before this frame of the page.
	again bool
}

// place adds a frame to the tree. It first checks that the frame agrees with the frames
// before it.
func (p *pageReader) place(level, left, width int64, name uint32) error {
	if len(p.open) == 0 {
		return p.placeRoot(level, left, width)
	}
	if level < 1 || level > int64(len(p.open)) {
		return p.fault(ErrMalformed, "a frame at level %d after one at level %d", level, len(p.open)-1)
	}
	if err := p.roomFor(p.tree, int(level)); err != nil {
		return err
	}
	if err := p.closeTo(int(level)); err != nil {
		return err
	}
	parent := &p.open[level-1]
	if left < parent.next || left > parent.right || width > parent.right-left {
		return p.fault(ErrMalformed, "a frame that extends beyond its parent or overlaps its sibling")
	}
	if err := p.gap(parent, left); err != nil {
		return err
	}
	at, again := p.child(parent, name)
	parent.next = left + width
	p.tree.self[parent.node] -= width
	p.tree.self[at] += width
	p.open = append(p.open, frame{left: left, right: left + width, next: left, node: at, none: true, again: again})
	return nil
}

// closeTo closes the open frames from a level on: no further children follow.
func (p *pageReader) closeTo(level int) error {
	for i := len(p.open) - 1; i >= level; i-- {
		if err := p.gap(&p.open[i], p.open[i].right); err != nil {
			return err
		}
	}
	p.open = p.open[:level]
	return nil
}

// gap moves the samples of a gap to a frame [notShown]. until is where the next child
// begins or the parent ends. The profiler writes the self samples first and then the
// children without gaps, so a gap is a child that was too narrow to be written. If the
// first child is missing, its samples look like self samples of the parent and stay there.
func (p *pageReader) gap(parent *frame, until int64) error {
	width := until - parent.next
	if parent.none || width <= 0 {
		return nil
	}
	if err := p.roomFor(p.tree, 1); err != nil {
		return err
	}
	at := p.tree.child(parent.node, p.tree.intern([]byte(notShown)))
	parent.again = true
	p.tree.self[parent.node] -= width
	p.tree.self[at] += width
	return nil
}

func (p *pageReader) placeRoot(level, left, width int64) error {
	if level != 0 {
		return p.fault(ErrMalformed, "the first frame is at level %d", level)
	}
	p.tree.self[root] = width
	p.open = append(p.open, frame{left: left, right: left + width, next: left, none: true})
	return nil
}

// child returns the node for a frame below parent; again is true if the node existed.
// Pages sort siblings by name. So a name that is greater than the names of all earlier
// siblings is new, which avoids a search for nearly all frames.
func (p *pageReader) child(parent *frame, name uint32) (at int32, again bool) {
	greatest := parent.none || p.less(parent.greatest, name)
	if greatest {
		parent.greatest, parent.none = name, false
	}
	if greatest && !parent.again {
		return p.tree.newChild(parent.node, name), false
	}
	made := len(p.tree.nodes)
	at = p.tree.child(parent.node, name)
	return at, int(at) < made
}

// less compares names in the order of siblings in a page: the order of the pool or, without
// a pool, the order of bytes. The result of reading is correct with any order.
func (p *pageReader) less(a, b uint32) bool {
	if p.pool != nil {
		return a < b
	}
	return p.tree.names[a] < p.tree.names[b]
}
