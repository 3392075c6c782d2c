package flame

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Why a profile can't be compared: noise bands need the number of samples, and
// every sample at its frame.
var (
	// ErrNotSamples means that the counts are bytes or nanoseconds, for example.
	ErrNotSamples = errors.New("not samples (take the profile without --total)")
	// ErrIncomplete means that frames were left out of the page.
	ErrIncomplete = errors.New("narrow frames are missing (take the profile without --minwidth)")
)

// Units that are not told by the title of a page.
const (
	unitSamples = "samples"
	unitUnknown = "counts"
)

// notShown is the frame for the samples of frames that a page omits because they
// are narrow. Only their place and width are known.
const notShown = "[not shown]"

// totalUnits are the units that async-profiler adds to a title for --total, as in
// "Allocation profile (bytes)".
var totalUnits = []string{"bytes", "ns", "cycles", "calls", "total", "events"}

// Unit is what the counts of the tree are: "samples", or what the title of the
// page says, for example "bytes". "counts" means that the counts are too large and
// too regular for samples, and nothing tells their unit.
func (t *Tree) Unit() string {
	if t.unit == "" {
		return unitSamples
	}
	return t.unit
}

// NotShown is the part of the total that belongs to frames which the page omits,
// in the unit of the tree. 0 for a complete profile.
func (t *Tree) NotShown() (sum int64) {
	id := slices.Index(t.names, notShown)
	if id < 0 {
		return 0
	}
	for i, n := range t.nodes[1:] {
		if n.name == uint32(id) {
			sum += t.self[i+1]
		}
	}
	return sum
}

// judgeUnit finds the unit of a tree that was just read.
func (t *Tree) judgeUnit(title string) {
	if unit, ok := unitOfTitle(title); ok {
		t.unit = unit
		return
	}
	var w weights
	for _, samples := range t.self {
		w.add(samples)
	}
	if w.tooLarge() {
		t.unit = unitUnknown
	}
}

// unitOfTitle returns the unit that a title ends with, in parentheses.
func unitOfTitle(title string) (unit string, ok bool) {
	_, last, found := strings.Cut(title, " (")
	unit, closed := strings.CutSuffix(last, ")")
	return unit, found && closed && slices.Contains(totalUnits, unit)
}

// weights tells by their size whether counts can be samples. A profiler takes a
// few hundred samples per second and processor, so a thousand million of them are
// 100 days of one processor. Bytes of allocations are multiples of 8, times of a
// timer are multiples of its interval, and samples have no common divisor.
type weights struct{ total, divisor int64 }

const (
	mostPlausible  = 1e9
	mostWithCommon = 1e6
	leastCommon    = 8
)

func (w *weights) add(count int64) {
	w.total += count
	for count != 0 && w.divisor != 1 {
		w.divisor, count = count, w.divisor%count
	}
}

func (w *weights) tooLarge() bool {
	return w.total >= mostPlausible || w.total >= mostWithCommon && w.divisor >= leastCommon
}

// comparable returns an error if the counts can't be compared as samples.
func (t *Tree) comparable() error {
	if unit := t.Unit(); unit != unitSamples {
		return fmt.Errorf("its counts are %s, %w", inWords(unit), ErrNotSamples)
	}
	if hidden := t.NotShown(); hidden > 0 {
		return fmt.Errorf("%d of %d samples have no frame: %w", hidden, t.Total(), ErrIncomplete)
	}
	return nil
}

// inWords names a unit in a sentence.
func inWords(unit string) string {
	if unit == unitUnknown {
		return "of an unknown unit"
	}
	return unit
}

// threadBases are frames that a thread begins with, in the forms of async-profiler
// and of Flink's own flame graphs.
var threadBases = map[string]bool{
	"java/lang/Thread.run": true, "java.lang.Thread.run": true, "java/lang/Thread.runWith": true,
	"start_thread": true, "thread_start": true, "_pthread_start": true, "thread_native_entry": true,
	"clone": true, "clone3": true, "__clone": true, "__clone3": true, "_start": true,
}

func isThreadBase(name string) bool {
	return threadBases[name] || strings.HasPrefix(name, "[") && strings.Contains(name, " tid=")
}

// reversed reports whether the stacks run from the leaf to the root: threads end
// with the frame that they should begin with. A page taken with both --reverse and
// --inverted does not tell it otherwise.
func (t *Tree) reversed() bool {
	bases := make([]bool, len(t.names))
	for id, name := range t.names {
		bases[id] = isThreadBase(name)
	}
	var all, ending, beginning int64
	based := make([]bool, len(t.nodes)) // by node: its stack begins with a base
	for i, n := range t.nodes[1:] {
		at := i + 1
		based[at] = based[n.parent] || n.parent == root && bases[n.name]
		all += t.self[at]
		if bases[n.name] {
			ending += t.self[at]
		}
		if based[at] {
			beginning += t.self[at]
		}
	}
	return ending > all/2 && beginning < ending/10
}

func errIfReversed(t *Tree) error {
	if t.reversed() {
		return fmt.Errorf("most stacks end where a thread begins: %w", ErrReversed)
	}
	return nil
}
