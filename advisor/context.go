package advisor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// How much context is written down beside what findings cite. An exact table
// of the frames with most self samples is what language models read best; more
// lines don't make them better.
const (
	selfFrames    = 40
	leastSelf     = 2 // one sample of a frame is chance
	totalFrames   = 20
	otherFrames   = 10 // of ALLOC and LOCK profiles, each
	configEntries = 60
)

// addContext writes down what no rule asked for but a reader may want: the
// hottest frames, the settings.
func (f *facts) addContext() {
	if f.basis != nil {
		f.addFrames(f.basis, hottest(f.basis, selfFrames, func(c count) int64 { return c.self / leastSelf }), "task threads at work")
		f.addFrames(f.basis, f.userFrames(), "task threads at work")
	}
	for _, other := range []struct {
		tally *tally
		of    string
	}{{&f.alloc, "allocations of task threads"}, {&f.lock, "waits for locks of task threads"}} {
		if other.tally.busy > 0 {
			f.addOthers(other.tally, other.of)
		}
	}
	keys := slices.Sorted(maps.Keys(f.bundle.Config))
	for _, key := range keys[:min(len(keys), configEntries)] {
		f.book.setting(key, f.bundle.Config[key])
	}
}

// userFrames are the user's own frames with the largest totals: where the code
// to change is.
func (f *facts) userFrames() []string {
	own := hottest(f.basis, len(f.basis.frames), func(c count) int64 { return c.total })
	own = slices.DeleteFunc(own, func(name string) bool { return !usersOwn(name) })
	return own[:min(len(own), totalFrames)]
}

func hottest(y *tally, n int, by func(count) int64) []string {
	names := slices.SortedFunc(maps.Keys(y.frames), func(a, b string) int {
		return cmp.Or(cmp.Compare(by(y.frames[b]), by(y.frames[a])), strings.Compare(a, b))
	})
	names = slices.DeleteFunc(names, func(name string) bool { return by(y.frames[name]) == 0 })
	return names[:min(len(names), n)]
}

func (f *facts) addFrames(y *tally, names []string, of string) {
	for _, name := range names {
		c := y.frames[name]
		share := float64(c.total) / float64(y.busy)
		id := f.book.add(episode.Evidence{
			Kind: kindFrame, Subject: name, Value: &share, Unit: "ratio",
			Text: fmt.Sprintf("self %d, total %d of %d samples of %s (self %s, total %s)", c.self, c.total, y.busy, of, percent(float64(c.self)/float64(y.busy)), percent(share)),
		})
		f.bounds[id] = bound{rule: -1, frame: name}
	}
}

// addOthers writes frames down that bound no gain: an allocation is not time.
func (f *facts) addOthers(y *tally, of string) {
	for _, name := range hottest(y, otherFrames, func(c count) int64 { return c.self }) {
		c := y.frames[name]
		share := float64(c.self) / float64(y.busy)
		f.book.add(episode.Evidence{
			Kind: kindFrame, Subject: name, Value: &share, Unit: "ratio",
			Text: fmt.Sprintf("%d of %d %s are in %s", c.self, y.busy, of, frameName(name)),
		})
	}
}
