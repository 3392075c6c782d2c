package flame

import "math"

// Move says that a frame is reached by another way than before, while its own
// shares are what they were: code was moved, not changed.
type Move struct {
	// From and To are the callers through which less and more of it came, those with
	// the largest change. Empty is where a thread begins.
	From string `json:"from"`
	To   string `json:"to"`
	// Points is how much changed its way, in percentage points of all samples.
	Points float64 `json:"points"`
}

// call is a frame below another, both by the ids of their names.
type call struct{ caller, frame int64 }

// noCaller stands for the caller of a frame that a thread begins with.
const noCaller = -1

// callCounts of samples in both profiles.
type callCounts struct{ base, next int64 }

// calls counts the samples below each call. A frame that recurs counts at its
// outermost place on a stack, as in [Frame.Total]: so the calls of a frame add up
// to that.
func (p Alignment) calls(below children) map[call]callCounts {
	walk := callWalk{
		tree: p.Base, below: below, base: p.Base.sums(), next: p.New.sums(),
		open: make([]bool, len(p.Base.names)), found: map[call]callCounts{},
	}
	walk.count(root, noCaller)
	return walk.found
}

type callWalk struct {
	tree       *Tree
	below      children
	base, next []int64 // by node: the samples of its subtree
	open       []bool  // by name: the walk is below a frame of this name
	found      map[call]callCounts
}

func (w *callWalk) count(parent int32, caller int64) {
	for _, at := range w.below.of(parent) {
		name := w.tree.nodes[at].name
		outermost := !w.open[name]
		if outermost {
			key := call{caller, int64(name)}
			sum := w.found[key]
			w.found[key] = callCounts{sum.base + w.base[at], sum.next + w.next[at]}
			w.open[name] = true
		}
		w.count(at, int64(name))
		if outermost {
			w.open[name] = false
		}
	}
}

// comparable drops the calls that say nothing of a move: those of frames that come
// by one way only, and those with too few samples.
func comparableCalls(all map[call]callCounts) map[call]callCounts {
	ways := map[int64]int{}
	for c, n := range all {
		if n.base+n.next >= leastCompared {
			ways[c.frame]++
		}
	}
	some := map[call]callCounts{}
	for c, n := range all {
		if ways[c.frame] > 1 && n.base+n.next >= leastCompared {
			some[c] = n
		}
	}
	return some
}

// moves finds, by the ids of names, the frames that less comes to by one way and
// more by another, both beyond the noise.
func (c Comparison) moves(p Alignment, calls map[call]callCounts, z float64) map[int64]Move {
	lost, won := map[int64]Shift{}, map[int64]Shift{}
	from, to := map[int64]int64{}, map[int64]int64{}
	for way, n := range calls {
		s := c.shift(n.base, n.next, z)
		switch {
		case s.Verdict == Unchanged:
		case s.Points < 0 && s.Points < lost[way.frame].Points:
			lost[way.frame], from[way.frame] = s, way.caller
		case s.Points > 0 && s.Points > won[way.frame].Points:
			won[way.frame], to[way.frame] = s, way.caller
		}
	}
	moves := map[int64]Move{}
	for frame, less := range lost {
		if more, ok := won[frame]; ok {
			moves[frame] = Move{
				From: p.nameOf(from[frame]), To: p.nameOf(to[frame]), Points: math.Min(-less.Points, more.Points),
			}
		}
	}
	return moves
}

func (p Alignment) nameOf(id int64) string {
	if id == noCaller {
		return ""
	}
	return p.Base.names[id]
}
