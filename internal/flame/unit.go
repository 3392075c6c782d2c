package flame

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Reasons why a profile cannot be compared. Noise bands need the number of samples, and a
// frame for every sample.
var (
	// ErrNotSamples means that the counts are bytes or nanoseconds, for example.
	ErrNotSamples = errors.New("not samples (take the profile without --total)")
	// ErrIncomplete means that frames were left out of the page.
	ErrIncomplete = errors.New("narrow frames are missing (take the profile without --minwidth)")
)

// Units that do not come from the title of a page.
const (
	unitSamples = "samples"
	unitUnknown = "counts"
)

// notShown is the frame that takes the samples of narrow frames that a page omits. Only
// the place and the width of such frames are known.
const notShown = "[not shown]"

// totalUnits are the units that async-profiler adds to a title for --total, as in
// "Allocation profile (bytes)".
var totalUnits = []string{"bytes", "ns", "cycles", "calls", "total", "events"}

// Unit is the unit of the counts: "samples", or the unit in the title of the page, for
// example "bytes". "counts" means that the unit is unknown: the counts are too large and
// too regular for samples.
func (t *Tree) Unit() string {
	if t.unit == "" {
		return unitSamples
	}
	return t.unit
}

// NotShown is the part of the total that belongs to frames that the page omits, in the
// unit of the tree; 0 for a complete profile.
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

// judgeUnit sets the unit of a tree that was just read.
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

// weights judges whether counts can be samples, by their size and their common divisor. A
// profiler takes about a hundred samples per second and processor, so 1e9 samples are
// about 100 days of one processor. Allocated bytes are multiples of 8 and times are
// multiples of the timer's interval, but counts of samples have no common divisor.
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

// comparable returns an error if the counts cannot be compared as samples.
func (t *Tree) comparable() error {
	if unit := t.Unit(); unit != unitSamples {
		return fmt.Errorf("its counts are %s, %w", inWords(unit), ErrNotSamples)
	}
	if hidden := t.NotShown(); hidden > 0 {
		return fmt.Errorf("%d of %d samples have no frame: %w", hidden, t.Total(), ErrIncomplete)
	}
	return nil
}

// inWords returns a unit's name for use in a sentence.
func inWords(unit string) string {
	if unit == unitUnknown {
		return "of an unknown unit"
	}
	return unit
}

// threadBases are frames with which a thread begins, in the notations of async-profiler
// and of Flink's own flame graphs.
var threadBases = map[string]bool{
	"java/lang/Thread.run": true, "java.lang.Thread.run": true, "java/lang/Thread.runWith": true,
	"start_thread": true, "thread_start": true, "_pthread_start": true, "thread_native_entry": true,
	"clone": true, "clone3": true, "__clone": true, "__clone3": true, "_start": true,
}

func isThreadBase(name string) bool {
	return threadBases[name] || strings.HasPrefix(name, "[") && strings.Contains(name, " tid=")
}

// reversed reports whether the stacks run from the leaf to the root: most stacks end with
// a frame that should begin them. A page taken with both --reverse and --inverted shows
// it in no other way.
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
