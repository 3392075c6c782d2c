package cause

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/advisor/frame"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// tallier reads stacks. It caches the traits of each frame: a profile has thousands of
// stacks but only hundreds of distinct frames.
type tallier struct {
	rules []Rule
	known map[string]*traits
	names map[string]int // dotted name to traits.id
	// free are the rules without a condition on the frames above their own, monitors those
	// with Parked.
	free, monitors set

	// Buffers, reused for each stack.
	stack                 []*traits
	shown, above, against set
	key                   []byte
}

func newTallier(rules []Rule) *tallier {
	t := &tallier{
		rules: rules, known: map[string]*traits{}, names: map[string]int{}, free: newSet(len(rules)),
		monitors: newSet(len(rules)),
	}
	for i, r := range rules {
		if r.Parked {
			t.monitors.add(i)
		}
		if len(r.Below) == 0 {
			t.free.add(i)
		}
	}
	t.shown, t.above, t.against = newSet(len(rules)), newSet(len(rules)), newSet(len(rules))
	return t
}

// traits are the properties of a frame that follow from its name.
type traits struct {
	frame.Traits

	dotted                string
	id                    int // dense, one per dotted name
	frames, below, unless set
	// beside is the index of a kind of threads beside the tasks, -1 for none.
	beside int
}

func (t *tallier) traitsOf(verbatim string) *traits {
	if known, ok := t.known[verbatim]; ok {
		return known
	}
	name := frame.Dotted(verbatim)
	id, ok := t.names[name]
	if !ok {
		id = len(t.names)
		t.names[name] = id
	}
	out := &traits{Traits: frame.Of(name), dotted: name, id: id, beside: besideOf(name)}
	out.frames = t.matching(name, func(r Rule) Pattern { return r.Frames })
	out.below = t.matching(name, func(r Rule) Pattern { return r.Below })
	out.unless = t.matching(name, func(r Rule) Pattern { return r.Unless })
	t.known[verbatim] = out
	return out
}

// matching returns the rules with a pattern that matches a name. nil means none, which
// is the case for most frames.
func (t *tallier) matching(name string, of func(Rule) Pattern) set {
	var out set
	for i, r := range t.rules {
		if of(r).Matches(name) {
			if out == nil {
				out = newSet(len(t.rules))
			}
			out.add(i)
		}
	}
	return out
}

// tally counts several profiles together.
func (t *tallier) tally(profiles ...evidence.Profile) Tally {
	out := Tally{by: map[string]*group{}, own: newOwnCode(), beside: map[string]int64{}, stubs: map[string]int64{}, parts: map[part]int64{}}
	for _, p := range profiles {
		out.names, out.profiles = append(out.names, p.Name), append(out.profiles, p)
		for stack, n := range p.Stacks {
			if n > 0 && len(stack) > 0 {
				t.add(&out, t.read(stack), n)
			}
		}
	}
	out.frames = out.hot.byName(t.names)
	out.whole = counts{all: out.All, work: out.Busy, frames: out.frames}
	return out
}

// counts counts the frames of several profiles together.
func (t *tallier) counts(profiles ...evidence.Profile) counts {
	y := t.tally(profiles...)
	return y.whole
}

func (t *tallier) add(out *Tally, frames []*traits, n int64) {
	out.All += n
	root := rootOf(frames)
	switch {
	case root >= 0:
		out.addTask(t, vertexOfThread(frames[:root]), frames[root:], n)
	case slices.ContainsFunc(frames, func(f *traits) bool { return f.Collects }):
		out.GC += n
		out.seeCollector(frames)
	default:
		out.addBeside(frames, n)
		out.addStub(frames, n)
	}
}

// read returns the traits of a stack's frames. The result is valid until the next call.
func (t *tallier) read(stack []string) []*traits {
	t.stack = t.stack[:0]
	for _, frame := range stack {
		t.stack = append(t.stack, t.traitsOf(frame))
	}
	return t.stack
}

// rootOf returns the index of the task's first frame in a stack, -1 if the thread is
// not a task.
func rootOf(frames []*traits) int {
	return slices.IndexFunc(frames, func(f *traits) bool { return f.Root })
}

// shows reports whether a stack of a task at work has one of these frames or belongs to
// one of these rules.
func (t *tallier) shows(stack []string, names map[string]bool, belongs map[int]bool, released set) bool {
	frames := t.read(stack)
	root := rootOf(frames)
	if root < 0 || waits(frames[root:]) {
		return false
	}
	if first := t.causesOf(frames[root:]).first(released); first >= 0 && belongs[first] {
		return true
	}
	return slices.ContainsFunc(frames[root:], func(f *traits) bool { return names[f.dotted] })
}

// causesOf returns the rules that match a stack: it has a frame of frames, above it a
// frame of below if the rule has such a condition, and no frame of unless. The result
// is valid until the next call.
func (t *tallier) causesOf(frames []*traits) set {
	clear(t.shown)
	clear(t.against)
	copy(t.above, t.free)
	for at, f := range frames {
		t.shown.addCommon(f.frames, t.above)
		if at > 0 && f.Parked && frame.Native(f.dotted) && frames[at-1].User {
			t.shown.addAll(t.monitors)
		}
		t.above.addAll(f.below)
		t.against.addAll(f.unless)
	}
	t.shown.removeAll(t.against)
	return t.shown
}
