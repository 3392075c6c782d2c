package flame

import "math"

// Move says that other callers call a frame than before, while the frame's own shares are
// unchanged: code was moved, not changed.
type Move struct {
	// From is the caller whose calls lost the most samples, To the caller whose calls
	// gained the most. Empty means that the frame begins the thread's stack.
	From string `json:"from"`
	To   string `json:"to"`
	// Points is the size of the move, in percentage points of all samples: the smaller
	// of the loss and the gain.
	Points float64 `json:"points"`
}

// call is a frame and its caller, both as ids of names.
type call struct{ caller, frame int64 }

// noCaller is the caller of a frame with which a thread begins.
const noCaller = -1

// callCounts are the samples of a call in both profiles.
type callCounts struct{ base, next int64 }

// calls counts the samples below each call. A frame that occurs several times on a stack
// counts at its outermost place. So the calls of a frame add up to its [Frame.Total].
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

// comparableCalls returns the calls that can show a move: calls with enough samples, of
// frames that have at least two such calls.
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

// moves finds the frames of which one call lost samples and another gained some, both
// beyond the noise. The keys are ids of names.
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
