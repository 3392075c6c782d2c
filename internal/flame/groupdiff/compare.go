package groupdiff

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

const (
	// MinProfiles is the fewest profiles of a group: two say nothing about the spread.
	MinProfiles = 3
	// MinPoints is the smallest change that counts, in percentage points of all samples.
	MinPoints = 0.1
	// leastCounted is the number of samples that a frame must have in all profiles together
	// to be tested.
	leastCounted = 20
)

// ErrTooFew means that a group has too few profiles for a verdict.
var ErrTooFew = errors.New("too few profiles")

// Compare compares two groups of profiles. Names of frames are made equal as by [flame.Normal].
// categorize returns the category of a frame. Profiles without samples are left out. The error
// wraps [ErrTooFew], or says what is wrong with a profile.
func Compare(base, next []*flame.Tree, categorize func(frame string) string) (Report, error) {
	base, next = sampled(base), sampled(next)
	if len(base) < MinProfiles || len(next) < MinProfiles {
		return Report{}, fmt.Errorf("%w: %d and %d, a verdict needs %d on each side (profile more often, or wait)", ErrTooFew,
			len(base), len(next), MinProfiles)
	}
	for _, t := range slices.Concat(base, next) {
		if t.Unit() != "samples" || t.NotShown() > 0 {
			return Report{}, errors.New("a profile does not have all its samples (take profiles without --total and --minwidth)")
		}
	}
	names := namer{}
	before, after := count(base, names), count(next, names)
	tests := testAll(before, after)
	r := Report{
		Base: Side{Profiles: len(base), Samples: before.all()}, New: Side{Profiles: len(next), Samples: after.all()},
		Tested: len(tests), Frames: []Frame{},
	}
	adjusted, limit := discoveries(tests)
	for i, t := range tests {
		r.Frames = append(r.Frames, frameOf(t, adjusted[i], limit, before, after, categorize))
	}
	r.markMoved(before, after)
	slices.SortFunc(r.Frames, byImportance)
	return r, nil
}

func sampled(trees []*flame.Tree) []*flame.Tree {
	return slices.DeleteFunc(slices.Clone(trees), func(t *flame.Tree) bool { return t.Total() == 0 })
}

// testAll tests each frame with enough samples, in the order of their names.
func testAll(before, after group) (tests []tested) {
	var names []string
	var base, next []observed
	for name := range union(before.self, after.self) {
		sum := int64(0)
		for _, n := range slices.Concat(before.of(name), after.of(name)) {
			sum += n
		}
		if sum >= leastCounted {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		base = append(base, observe(before.of(name), before.samples))
		next = append(next, observe(after.of(name), after.samples))
	}
	spreadBase, spreadNext := spreadOf(base, before.samples), spreadOf(next, after.samples)
	for i, name := range names {
		tests = append(tests, test(name, base[i], next[i], spreadBase, spreadNext, len(before.samples), len(after.samples)))
	}
	return tests
}

func union(a, b map[string][]int64) map[string]bool {
	all := map[string]bool{}
	for name := range a {
		all[name] = true
	}
	for name := range b {
		all[name] = true
	}
	return all
}

func frameOf(
	t tested, adjusted, limit float64, before, after group, categorize func(frame string) string,
) Frame {
	base, next := before.share(t.name), after.share(t.name)
	f := Frame{
		Name: t.name, Category: categorize(t.name), BasePercent: percent(base), NewPercent: percent(next),
		Points: percent(next - base), DetectablePoints: percent(t.detectable(limit)), AdjustedP: adjusted,
		Verdict: flame.Unchanged,
	}
	switch {
	case adjusted > FalseDiscoveries || math.Abs(next-base) < MinPoints/100:
	case base == 0:
		f.Verdict = flame.Appeared
	case next == 0:
		f.Verdict = flame.Gone
	case next > base:
		f.Verdict = flame.Grown
	default:
		f.Verdict = flame.Shrunk
	}
	return f
}

// markMoved marks changed frames whose cost only moved.
func (r Report) markMoved(before, after group) {
	byVerdict := map[flame.Verdict][]string{}
	for _, f := range r.Frames {
		byVerdict[f.Verdict] = append(byVerdict[f.Verdict], f.Name)
	}
	opposite := map[flame.Verdict]flame.Verdict{flame.Appeared: flame.Gone, flame.Gone: flame.Appeared}
	for i := range r.Frames {
		f := &r.Frames[i]
		if f.Verdict == flame.Unchanged {
			continue
		}
		if other := renamed(f.Name, byVerdict[opposite[f.Verdict]], before, after); other != "" {
			f.Moved = other
			continue
		}
		f.Moved = movedWithin(f.Name, before, after)
	}
}

// percent converts a share to percent with four decimals.
func percent(share float64) float64 { return math.Round(share*1e6) / 1e4 }
