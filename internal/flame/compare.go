package flame

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// ErrNoShares means that a profile has no samples to take shares of.
var ErrNoShares = errors.New("no samples to compare (profile for longer, or under load)")

// Verdict says how the share of a frame changed from one profile to another.
type Verdict string

// The verdicts. All but the last are said only of changes that are larger than the
// sampling error.
const (
	Appeared  Verdict = "new"    // it was in no sample before
	Gone      Verdict = "gone"   // it is in no sample any more
	Grown     Verdict = "grown"  // its share became greater
	Shrunk    Verdict = "shrunk" // its share became smaller
	Unchanged Verdict = "~"      // as far as so many samples can tell
)

// Confidence is that of all verdicts of a comparison together: the chance that
// chance alone made even one of them is at most what is missing to 1.
const Confidence = 0.95

// leastCompared is how many samples a frame must have in both profiles together
// to be compared. With fewer, even all of them on one side say nothing. The sum
// says nothing about the difference, so leaving the others out biases no verdict.
const leastCompared = 5

// Shift is how the samples of a frame changed, and its share of all samples, which
// does not depend on how long was profiled and under which load.
type Shift struct {
	Base int64 `json:"base"`
	New  int64 `json:"new"`
	// BasePercent and NewPercent are the shares.
	BasePercent float64 `json:"base_percent"`
	NewPercent  float64 `json:"new_percent"`
	// Points is the change of the share in percentage points, Low and High the
	// noise band around it.
	Points  float64 `json:"points"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Verdict Verdict `json:"verdict"`
}

// Change is one frame of a comparison.
type Change struct {
	Name     string `json:"name"`
	Self     Shift  `json:"self"`
	Total    Shift  `json:"total"`
	Category string `json:"category"`
	// Moved is set where both shares are unchanged and the frame's callers are not.
	Moved *Move `json:"moved,omitempty"`
}

// Comparison says which frames of two profiles differ by more than chance.
type Comparison struct {
	// Base and New are the samples of each.
	Base int64 `json:"base"`
	New  int64 `json:"new"`
	// Compared is how many differences were tested, all at once at Confidence.
	Compared   int     `json:"compared"`
	Confidence float64 `json:"confidence"`
	// Frames are all of them; those beyond the noise first, the largest change of
	// the self value first.
	Frames []Change `json:"frames"`
}

// Compare compares the shares of all frames. categorize names the category of a
// frame.
//
// The noise band of a frame is the interval that Newcombe proposed for the
// difference of two proportions, from Wilson's score intervals, which hold for
// small counts. Because hundreds of frames are looked at, some would lie outside
// intervals of 95 % by chance. So each interval is as wide as Bonferroni demands
// for all of them to hold at once: the chance of an error is divided by the number
// of differences, a frame with exactly the same samples as another counting once,
// and each way to a frame that has several, by which moves are found.
//
// The error is [ErrNoShares], [ErrNotSamples] or [ErrIncomplete], the latter two with
// the profile named.
//
// Samples count as independent. Those that were taken in one burst of one thread
// are not quite, so take what lies close beyond the band with care.
func (p Alignment) Compare(categorize func(frame string) string) (Comparison, error) {
	c := Comparison{Base: p.Base.Total(), New: p.New.Total(), Confidence: Confidence, Frames: []Change{}}
	if c.Base == 0 || c.New == 0 {
		return Comparison{}, ErrNoShares
	}
	if err := p.comparable(); err != nil {
		return Comparison{}, err
	}
	below := p.Base.children()
	before, after := p.Base.framesBelow(below), p.New.framesBelow(below)
	calls := comparableCalls(p.calls(below))
	c.Compared = p.distinct(below, before, after) + len(calls)
	z := stat.Deviate((1 - Confidence) / float64(max(1, c.Compared)))
	moves := c.moves(p, calls, z)
	for id, frame := range before {
		if frame.Total+after[id].Total == 0 {
			continue
		}
		change := Change{
			Name:     frame.Name,
			Self:     c.shift(frame.Self, after[id].Self, z),
			Total:    c.shift(frame.Total, after[id].Total, z),
			Category: categorize(frame.Name),
		}
		if move, ok := moves[int64(id)]; ok && noise(change.Self)+noise(change.Total) == 2 {
			change.Moved = &move
		}
		c.Frames = append(c.Frames, change)
	}
	slices.SortFunc(c.Frames, byImportance)
	return c, nil
}

// comparable returns an error if either profile can't be compared.
func (p Alignment) comparable() error {
	if err := p.Base.comparable(); err != nil {
		return fmt.Errorf("base profile: %w", err)
	}
	if err := p.New.comparable(); err != nil {
		return fmt.Errorf("new profile: %w", err)
	}
	return nil
}

// distinct counts the differences to test: of the self and of the total value of
// each frame with enough samples, those over the very same stacks once. Each
// stack is given a number that looks random, so that equal sums of these mean the
// same stacks.
func (p Alignment) distinct(below children, before, after []Frame) int {
	marked := *p.Base
	marked.self = make([]int64, len(p.Base.self))
	for at := range marked.self {
		if p.Base.self[at]+p.New.self[at] > 0 {
			marked.self[at] = int64(mixed(uint64(at) + 1))
		}
	}
	sets := map[int64]bool{}
	for id, marks := range marked.framesBelow(below) {
		if before[id].Self+after[id].Self >= leastCompared {
			sets[marks.Self] = true
		}
		if before[id].Total+after[id].Total >= leastCompared {
			sets[marks.Total] = true
		}
	}
	return len(sets)
}

func (c Comparison) shift(before, after int64, z float64) Shift {
	low, high := stat.Newcombe(before, c.Base, after, c.New, z)
	s := Shift{
		Base: before, New: after,
		BasePercent: percent(float64(before) / float64(c.Base)), NewPercent: percent(float64(after) / float64(c.New)),
		Points: percent(float64(after)/float64(c.New) - float64(before)/float64(c.Base)),
		Low:    percent(low), High: percent(high),
		Verdict: Unchanged,
	}
	switch {
	case before+after < leastCompared || low <= 0 && high >= 0:
	case before == 0:
		s.Verdict = Appeared
	case after == 0:
		s.Verdict = Gone
	case low > 0:
		s.Verdict = Grown
	default:
		s.Verdict = Shrunk
	}
	return s
}

// percent rounds to four decimals: no profile has samples for more.
func percent(share float64) float64 { return math.Round(share*1e6) / 1e4 }

// byImportance puts what is beyond the noise first, then larger changes.
func byImportance(a, b Change) int {
	return cmp.Or(
		cmp.Compare(noise(a.Self), noise(b.Self)), cmp.Compare(noise(a.Total), noise(b.Total)),
		cmp.Compare(stayed(a), stayed(b)),
		cmp.Compare(math.Abs(b.Self.Points), math.Abs(a.Self.Points)),
		cmp.Compare(math.Abs(b.Total.Points), math.Abs(a.Total.Points)),
		strings.Compare(a.Name, b.Name),
	)
}

// stayed is 0 for a frame that was moved, 1 for all others.
func stayed(c Change) int {
	if c.Moved != nil {
		return 0
	}
	return 1
}

// noise is 0 for a change beyond the noise, 1 for one within.
func noise(s Shift) int {
	if s.Verdict == Unchanged {
		return 1
	}
	return 0
}
