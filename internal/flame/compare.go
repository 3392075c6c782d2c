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

// ErrNoShares means that a profile has no samples, so it has no shares.
var ErrNoShares = errors.New("no samples to compare (profile for longer, or under load)")

// Verdict says how the share of a frame changed from the base profile to the new one.
type Verdict string

// The verdicts. All except Unchanged need a change that is larger than the sampling error.
const (
	Appeared  Verdict = "new"    // no sample of the base profile has it
	Gone      Verdict = "gone"   // no sample of the new profile has it
	Grown     Verdict = "grown"  // its share became greater
	Shrunk    Verdict = "shrunk" // its share became smaller
	Unchanged Verdict = "~"      // the change is within the sampling error
)

// Confidence applies to all verdicts of a comparison together: the probability that at
// least one of them is due to chance is at most 1 - Confidence.
const Confidence = 0.95

// leastCompared is the number of samples that a frame must have in both profiles together
// to be compared. With fewer samples no difference is significant, even if all are in one
// profile. The sum does not depend on the difference, so this limit biases no verdict.
const leastCompared = 5

// Shift is the change of a frame's samples and of its share of all samples. The share does
// not depend on the duration of the profile or on the load.
type Shift struct {
	// Base and New are the samples in each profile.
	Base int64 `json:"base"`
	New  int64 `json:"new"`
	// BasePercent and NewPercent are the shares in percent.
	BasePercent float64 `json:"base_percent"`
	NewPercent  float64 `json:"new_percent"`
	// Points is the change of the share in percentage points. Low and High are the
	// limits of the noise band around it.
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
	// Moved is set if both shares are unchanged but the callers changed; otherwise nil.
	Moved *Move `json:"moved,omitempty"`
}

// Comparison says which frames of two profiles differ by more than chance.
type Comparison struct {
	// Base and New are the samples of each profile.
	Base int64 `json:"base"`
	New  int64 `json:"new"`
	// Compared is the number of tested differences. Confidence applies to all together.
	Compared   int     `json:"compared"`
	Confidence float64 `json:"confidence"`
	// Frames are all frames. Changes beyond the noise come first, sorted by the change of
	// the self value, largest first.
	Frames []Change `json:"frames"`
}

// Compare compares the shares of all frames. categorize returns the category of a frame.
//
// The noise band of a frame is Newcombe's interval for the difference of two proportions.
// It is built from Wilson's score intervals, which hold for small counts. With hundreds of
// frames, some differences lie outside 95 % intervals by chance. So the intervals are
// widened with Bonferroni's correction until all hold at once: the error probability is
// divided by the number of tested differences. Frames with exactly the same samples count
// as one difference. For frames with several callers, each call counts too, because moves
// are found by calls.
//
// The error is [ErrNoShares], or it names the profile and wraps [ErrNotSamples] or
// [ErrIncomplete].
//
// The method assumes independent samples. Samples of one burst of one thread are not fully
// independent, so changes only slightly beyond the band may be noise.
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

// comparable returns an error if one of the profiles cannot be compared.
func (p Alignment) comparable() error {
	if err := p.Base.comparable(); err != nil {
		return fmt.Errorf("base profile: %w", err)
	}
	if err := p.New.comparable(); err != nil {
		return fmt.Errorf("new profile: %w", err)
	}
	return nil
}

// distinct counts the differences to test: the self and the total value of each frame with
// enough samples. Values over the same set of stacks count once. Each stack gets a
// pseudo-random number, so equal sums of these numbers mean equal sets of stacks.
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

// percent converts a share to percent with four decimals. No profile has enough samples for
// more decimals.
func percent(share float64) float64 { return math.Round(share*1e6) / 1e4 }

// byImportance sorts changes beyond the noise first, then moved frames, then larger changes.
func byImportance(a, b Change) int {
	return cmp.Or(
		cmp.Compare(noise(a.Self), noise(b.Self)), cmp.Compare(noise(a.Total), noise(b.Total)),
		cmp.Compare(stayed(a), stayed(b)),
		cmp.Compare(math.Abs(b.Self.Points), math.Abs(a.Self.Points)),
		cmp.Compare(math.Abs(b.Total.Points), math.Abs(a.Total.Points)),
		strings.Compare(a.Name, b.Name),
	)
}

// stayed is 0 for a moved frame and 1 for all others.
func stayed(c Change) int {
	if c.Moved != nil {
		return 0
	}
	return 1
}

// noise is 0 for a change beyond the noise and 1 for a change within it.
func noise(s Shift) int {
	if s.Verdict == Unchanged {
		return 1
	}
	return 0
}
