package cause

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/frame"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// The maximum numbers of facts in addition to those that findings cite. Language models
// read a short, exact table of the hottest frames well; more lines do not help them.
const (
	selfFrames    = 40
	leastSelf     = 2 // a single sample can be chance
	totalFrames   = 20
	otherFrames   = 10 // of ALLOC and LOCK profiles, each
	configEntries = 60
)

// AddContext adds the hottest frames and the settings to the evidence, including those
// that no rule used.
func (f *Facts) AddContext() {
	if f.Basis != nil {
		f.addFrames(f.Basis, hottest(f.Basis, selfFrames, func(c count) int64 { return c.self / leastSelf }),
			"task threads at work")
		f.addFrames(f.Basis, f.userFrames(), "task threads at work")
	}
	for _, other := range []struct {
		tally *Tally
		of    string
	}{{&f.alloc, allocations}, {&f.lock, lockWaits}} {
		if other.tally.Busy > 0 {
			f.addOthers(other.tally, other.of)
		}
	}
	keys := slices.Sorted(maps.Keys(f.Bundle.Config))
	for _, key := range keys[:min(len(keys), configEntries)] {
		f.Book.Setting(key, f.Bundle.Config[key])
	}
}

// userFrames returns the frames of user code with the largest totals. They show which
// code to change.
func (f *Facts) userFrames() []string {
	own := hottest(f.Basis, len(f.Basis.frames), func(c count) int64 { return c.total })
	own = slices.DeleteFunc(own, func(name string) bool { return !frame.UsersOwn(name) })
	return own[:min(len(own), totalFrames)]
}

func hottest(y *Tally, n int, by func(count) int64) []string {
	names := slices.SortedFunc(maps.Keys(y.frames), func(a, b string) int {
		return cmp.Or(cmp.Compare(by(y.frames[b]), by(y.frames[a])), strings.Compare(a, b))
	})
	names = slices.DeleteFunc(names, func(name string) bool { return by(y.frames[name]) == 0 })
	return names[:min(len(names), n)]
}

func (f *Facts) addFrames(y *Tally, names []string, what string) {
	for _, name := range names {
		c := y.whole.frames[name]
		of := float64(y.whole.work)
		id := f.Frame(y, name, fmt.Sprintf("self %d, total %d of %d samples of %s (self %s, total %s)", c.self, c.total,
			y.whole.work, what, evidence.Percent(float64(c.self)/of), evidence.Percent(float64(c.total)/of)))
		f.bounds[id] = bound{rule: -1, frame: name}
	}
}

// addOthers adds frames that do not bound a gain, because an allocation is not time.
func (f *Facts) addOthers(y *Tally, of string) {
	for _, name := range hottest(y, otherFrames, func(c count) int64 { return c.self }) {
		f.other(y, name, of)
	}
}

// other adds a frame of a profile that does not sample time. It is the same fact each time.
func (f *Facts) other(y *Tally, name, of string) string {
	return f.Frame(y, name, fmt.Sprintf("%d of %d %s are in %s", y.frames[name].self, y.Busy, of, FrameName(name)))
}
