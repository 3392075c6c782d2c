package advisor

import (
	"math/bits"
	"slices"
)

// tallier reads stacks. It remembers what it found out about each frame, since
// a profile has some thousand stacks of some hundred distinct frames.
type tallier struct {
	rules []rule
	known map[string]*traits
	names map[string]int // dotted name to traits.id
	stack []*traits      // reused from stack to stack
}

func newTallier(rules []rule) *tallier {
	return &tallier{rules: rules, known: map[string]*traits{}, names: map[string]int{}}
}

// traits are what a frame's name alone tells.
type traits struct {
	dotted                string
	id                    int // dense, one per dotted name
	frames, below, unless causes
	root, parked, gc      bool
	user                  bool
}

func (t *tallier) traitsOf(frame string) *traits {
	if known, ok := t.known[frame]; ok {
		return known
	}
	name := dotted(frame)
	id, ok := t.names[name]
	if !ok {
		id = len(t.names)
		t.names[name] = id
	}
	out := &traits{
		dotted: name, id: id, root: taskRoots.matches(name), parked: parked.matches(name),
		gc: collecting.matches(name), user: usersOwn(name),
	}
	for i, r := range t.rules {
		out.frames |= bit(i, r.frames.matches(name))
		out.below |= bit(i, r.below.matches(name))
		out.unless |= bit(i, r.unless.matches(name))
	}
	t.known[frame] = out
	return out
}

func bit(i int, set bool) causes {
	if set {
		return 1 << i
	}
	return 0
}

// tally counts profiles together.
func (t *tallier) tally(profiles ...Profile) tally {
	out := tally{by: map[causes]int64{}, own: map[string]int64{}, through: make([]routes, len(t.rules))}
	for i := range out.through {
		out.through[i] = routes{into: map[string]int64{}, from: map[string]int64{}}
	}
	for _, p := range profiles {
		out.names, out.profiles = append(out.names, p.Name), append(out.profiles, p)
		for stack, n := range p.Stacks {
			if n > 0 && len(stack) > 0 {
				t.add(&out, t.read(stack), n)
			}
		}
	}
	out.frames = out.hot.byName(t.names)
	return out
}

func (t *tallier) add(out *tally, frames []*traits, n int64) {
	out.all += n
	root := rootOf(frames)
	switch {
	case root >= 0:
		out.addTask(t.rules, frames[root:], n)
	case slices.ContainsFunc(frames, func(f *traits) bool { return f.gc }):
		out.gc += n
	}
}

// read looks a stack's frames up; the result is good until the next call.
func (t *tallier) read(stack []string) []*traits {
	t.stack = t.stack[:0]
	for _, frame := range stack {
		t.stack = append(t.stack, t.traitsOf(frame))
	}
	return t.stack
}

// rootOf is where the task begins in a stack, -1 when it is of another thread.
func rootOf(frames []*traits) int {
	return slices.IndexFunc(frames, func(f *traits) bool { return f.root })
}

// shows says whether a stack of a task at work has one of these frames, or
// belongs to one of these rules.
func (t *tallier) shows(stack []string, names map[string]bool, belongs map[int]bool, released causes) bool {
	frames := t.read(stack)
	root := rootOf(frames)
	if root < 0 || waits(frames[root:]) {
		return false
	}
	if first := causesOf(t.rules, frames[root:]) &^ released; first != 0 && belongs[bits.TrailingZeros64(uint64(first))] {
		return true
	}
	return slices.ContainsFunc(frames[root:], func(f *traits) bool { return names[f.dotted] })
}

// causesOf returns the rules whose pattern a stack shows: a frame of frames,
// below a frame of below where the rule has such, and none of unless.
func causesOf(rules []rule, frames []*traits) causes {
	var shown, above, against, free causes
	for i, r := range rules {
		free |= bit(i, len(r.below) == 0)
	}
	for _, f := range frames {
		shown |= f.frames & (above | free)
		above |= f.below
		against |= f.unless
	}
	return shown &^ against
}
