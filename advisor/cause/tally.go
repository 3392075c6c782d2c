package cause

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// samplingPeriod is async-profiler's default for on-CPU modes: one sample per 10 ms of
// CPU time. Flink's profiler does not change it.
const samplingPeriod = 10 * time.Millisecond

// Tally is the summary of all profiles of one kind. Counts are samples.
type Tally struct {
	names    []string // of the profiles
	profiles []evidence.Profile
	All      int64 // every thread
	GC       int64 // of all: garbage collector threads
	// collector names the garbage collector; empty without samples of it.
	collector string
	task      int64 // of all: task threads
	idle      int64 // of task: waiting for work
	Busy      int64 // of task: the rest, which is the base of shares
	off       int64 // of busy: off the CPU
	// beside counts the samples of threads beside the tasks, by their kind.
	beside map[string]int64
	// stubs counts samples without callers, by the frame on top.
	stubs map[string]int64
	// by counts busy stacks by the set of causes that they show.
	by map[string]*group
	// own counts busy stacks without any cause, by the user's frame that they come from.
	own ownCode
	// frames counts the frames of busy stacks, by dotted name.
	frames map[string]count
	hot    hot // frames during the count
	// whole counts the same profiles with the samples of all vertices.
	whole counts
	// released are the rules that gave up their stacks, which the rules after them own.
	released set
	// parts counts busy stacks by the parts of rules that they show.
	parts map[part]int64
}

// counts are the frames of all task threads at work, whichever vertex they are of.
type counts struct {
	all, work int64
	frames    map[string]count
}

// group holds the busy stacks that show one set of causes.
type group struct {
	causes  set
	samples int64
	// through counts, by rule, the frames that lead these stacks into its cause.
	through map[int]routes
}

// routes are the paths into a cause: the outermost frames that show it, and the nearest
// frames of user code above them.
type routes struct{ into, from map[string]int64 }

func newRoutes() routes { return routes{into: map[string]int64{}, from: map[string]int64{}} }

func (r routes) addAll(other routes) {
	for name, n := range other.into {
		r.into[name] += n
	}
	for name, n := range other.from {
		r.from[name] += n
	}
}

func (y *Tally) addTask(t *tallier, frames []*traits, n int64) {
	y.task += n
	if waits(frames) {
		y.idle += n
		return
	}
	y.Busy += n
	if offCPU(frames) {
		y.off += n
	}
	set := t.causesOf(frames)
	g := y.addTo(t, set, n)
	if name := ownFrame(frames); set.first(nil) < 0 && name != "" {
		y.own.add(name, frames[len(frames)-1].dotted, n)
	}
	for i := range t.rules {
		if set.has(i) {
			g.routesOf(i).add(frames, i, n)
			y.addParts(t.rules[i], i, frames, n)
		}
	}
	y.hot.add(frames, n)
}

func (y *Tally) addBeside(frames []*traits, n int64) {
	for _, f := range frames {
		if f.beside >= 0 {
			y.beside[besideKinds[f.beside].name] += n
			if besideKinds[f.beside].name == AsyncCheckpoints && slices.ContainsFunc(frames, writesAFile) {
				y.beside[CheckpointFiles] += n
			}
			return
		}
	}
}

func writesAFile(f *traits) bool { return writesFiles.matches(f.dotted) }

func (y *Tally) addTo(t *tallier, set set, n int64) *group {
	t.key = set.appendKey(t.key[:0])
	g, ok := y.by[string(t.key)]
	if !ok {
		g = &group{causes: slices.Clone(set), through: map[int]routes{}}
		y.by[string(t.key)] = g
	}
	g.samples += n
	return g
}

func (g *group) routesOf(i int) routes {
	r, ok := g.through[i]
	if !ok {
		r = newRoutes()
		g.through[i] = r
	}
	return r
}

// routesOf returns the paths into the cause of rule i by which its own stacks come; if it owns
// none, those of all stacks that show it.
func (y *Tally) routesOf(i int) routes {
	own, all := newRoutes(), newRoutes()
	for _, g := range y.by {
		r := g.through[i]
		all.addAll(r)
		if g.causes.first(y.released) == i {
			own.addAll(r)
		}
	}
	if len(own.into) == 0 {
		return all
	}
	return own
}

// waits reports whether a task waits for work or for free buffers. A source of the old kind
// that sleeps waits for its time to send.
func waits(frames []*traits) bool {
	legacy := false
	for _, f := range frames {
		legacy = legacy || f.legacy
		if legacy && f.sleeps {
			return true
		}
	}
	for i := 1; i < len(frames); i++ {
		if frames[i].dotted == mailboxTake && frames[i-1].dotted == waitingForWork {
			return true
		}
	}
	return false
}

// offCPU checks the last three frames: libc adds one or two below a park.
func offCPU(frames []*traits) bool {
	return slices.ContainsFunc(frames[max(0, len(frames)-3):], func(f *traits) bool { return f.parked })
}

// ownFrame returns the last frame of user code in a stack, empty if a frame of Flink
// follows it.
func ownFrame(frames []*traits) string {
	for _, f := range slices.Backward(frames) {
		if f.user {
			return f.dotted
		}
		if strings.HasPrefix(f.dotted, "org.apache.flink.") {
			return ""
		}
	}
	return ""
}

// add counts the path by which a stack enters cause i.
func (r routes) add(frames []*traits, i int, n int64) {
	into := slices.IndexFunc(frames, func(f *traits) bool { return f.frames.has(i) })
	if into < 0 { // a wait without a call: the method that waits stands for it
		into = lastOfUser(frames)
	}
	r.into[frames[into].dotted] += n
	for j := into; j >= 0; j-- {
		if frames[j].user {
			r.from[frames[j].dotted] += n
			return
		}
	}
}

// lastOfUser returns the index of the last frame of user code; there is one.
func lastOfUser(frames []*traits) int {
	at := len(frames) - 1
	for at > 0 && !frames[at].user {
		at--
	}
	return at
}

// Into returns the frame that stands for the cause of rule i, empty if there is none: of the
// frames by which stacks enter the cause, the one that is in most stacks.
func (y *Tally) Into(i int) string {
	counts := map[string]int64{}
	for name := range y.routesOf(i).into {
		counts[name] = y.whole.frames[name].total
	}
	return most(counts)
}

// MostOwn returns the user's frame with the most stacks without any cause.
func (y *Tally) MostOwn() Own {
	name := most(y.own.samples)
	own := Own{Name: name, Samples: y.own.samples[name]}
	own.Top = most(y.own.tops[name])
	own.OnTop = y.own.tops[name][own.Top]
	return own
}

// Own is a frame of user code: the number of samples in it and in what it calls, the frame
// that is on top of most of these, and of how many.
type Own struct {
	Name    string
	Samples int64
	Top     string
	OnTop   int64
}

// ownCode counts samples by a frame of user code, and for each the frames on top.
type ownCode struct {
	samples map[string]int64
	tops    map[string]map[string]int64
}

func newOwnCode() ownCode {
	return ownCode{samples: map[string]int64{}, tops: map[string]map[string]int64{}}
}

func (o ownCode) add(name, top string, n int64) {
	o.samples[name] += n
	if o.tops[name] == nil {
		o.tops[name] = map[string]int64{}
	}
	o.tops[name][top] += n
}

// most returns the name with the largest count. Of names with equal counts it returns
// the first in alphabetical order.
func most(counts map[string]int64) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// attributed counts the stacks that belong to rule i after the rules in released gave
// up their stacks.
func (y *Tally) attributed(i int, released set) int64 {
	var n int64
	for _, g := range y.by {
		if g.causes.first(released) == i {
			n += g.samples
		}
	}
	return n
}

// Showing counts the stacks that show rule i, whichever rule they belong to.
func (y *Tally) Showing(i int) int64 {
	var n int64
	for _, g := range y.by {
		if g.causes.has(i) {
			n += g.samples
		}
	}
	return n
}
