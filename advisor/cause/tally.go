package cause

import (
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/advisor/frame"
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

func (y *Tally) addTask(t *tallier, vertex string, frames []*traits, n int64) {
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
	y.hot.add(frames, vertex, n)
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

func writesAFile(f *traits) bool { return writesFiles.Matches(f.dotted) }

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

// waits reports whether a task waits for work or for free buffers. A source of the old kind
// that sleeps waits for its time to send.
func waits(frames []*traits) bool {
	legacy := false
	for _, f := range frames {
		legacy = legacy || f.Legacy
		if legacy && f.Sleeps {
			return true
		}
	}
	for i := 1; i < len(frames); i++ {
		if frames[i].dotted == frame.MailboxTake && frames[i-1].dotted == frame.WaitingForWork {
			return true
		}
	}
	return false
}

// offCPU checks the last three frames: libc adds one or two below a park.
func offCPU(frames []*traits) bool {
	return slices.ContainsFunc(frames[max(0, len(frames)-3):], func(f *traits) bool { return f.Parked })
}

// ownFrame returns the last frame of user code in a stack, empty if a frame of Flink
// follows it.
func ownFrame(frames []*traits) string {
	for _, f := range slices.Backward(frames) {
		if f.User {
			return f.dotted
		}
		if strings.HasPrefix(f.dotted, "org.apache.flink.") {
			return ""
		}
	}
	return ""
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

// Collector names the garbage collector of the profiled process by its threads in the
// profiles; empty if they do not show it.
func (f *Facts) Collector() string { return f.CPU.collector }

// seeCollector remembers which collector a stack is of.
func (y *Tally) seeCollector(frames []*traits) {
	for _, f := range frames {
		if y.collector == "" && f.Collects {
			y.collector = frame.Collector(f.dotted)
		}
	}
}
