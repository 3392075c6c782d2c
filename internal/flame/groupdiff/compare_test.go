package groupdiff_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/groupdiff"
)

// program is the share of each stack in the samples of a program.
type program map[string]float64

// usual is a program with 60 methods below six operators, with shares from 0.05 to some percent.
func usual() program {
	p := program{}
	for i := range 60 {
		p[fmt.Sprintf("Thread.run;Op%d.process;Op%d.call;method%d", i%6, i%6, i)] = 1 / float64(i+3)
	}
	return p
}

// changed returns a copy in which some stacks have other shares; 0 removes a stack.
func (p program) changed(shares map[string]float64) program {
	out := maps.Clone(p)
	for stack, share := range shares {
		if out[stack] = share; share == 0 {
			delete(out, stack)
		}
	}
	return out
}

// profiles are n profiles of about so many samples. The share of each stack differs from
// profile to profile by 10 %, as with real ones.
func (p program) profiles(n int, samples float64, random *rand.Rand) (trees []*flame.Tree) {
	all := 0.0
	for _, share := range p {
		all += share
	}
	for range n {
		tree := flame.New()
		for _, stack := range sortedStacks(p) {
			mean := samples * p[stack] / all * math.Exp(0.1*random.NormFloat64())
			tree.Add(strings.Split(stack, ";"), poisson(mean, random))
		}
		trees = append(trees, tree)
	}
	return trees
}

// poisson draws a count, by the normal distribution where that is as good.
func poisson(mean float64, random *rand.Rand) int64 {
	if mean > 100 {
		return int64(max(0, math.Round(mean+math.Sqrt(mean)*random.NormFloat64())))
	}
	count, left := int64(-1), mean
	for left >= 0 {
		left -= random.ExpFloat64()
		count++
	}
	return count
}

// sortedStacks makes the draws repeatable.
func sortedStacks(p program) []string { return slices.Sorted(maps.Keys(p)) }

func category(string) string { return "other" }

func compare(t *testing.T, base, next []*flame.Tree) groupdiff.Report {
	t.Helper()
	report, err := groupdiff.Compare(base, next, category)
	require.NoError(t, err)
	return report
}

func frame(t *testing.T, r groupdiff.Report, name string) groupdiff.Frame {
	t.Helper()
	for _, f := range r.Frames {
		if f.Name == name {
			return f
		}
	}
	require.Fail(t, "there is no frame "+name)
	return groupdiff.Frame{}
}

const (
	method3 = "Thread.run;Op3.process;Op3.call;method3"
	method9 = "Thread.run;Op3.process;Op3.call;method9"
)

// TestUnchangedSoftwareHasNoChange, also if the sampling rate or the load differs: of 200
// comparisons of 60 frames few have a frame beyond chance.
func TestUnchangedSoftwareHasNoChange(t *testing.T) {
	for name, c := range map[string]struct {
		base, next         int
		samples, otherwise float64
	}{
		"alike":               {5, 5, 5000, 5000},
		"ten times the rate":  {5, 5, 2000, 20_000},
		"a tenth of the load": {4, 8, 30_000, 3000},
		"three profiles":      {3, 3, 5000, 5000},
	} {
		random := rand.New(rand.NewPCG(1, 1))
		wrong, frames := 0, 0
		for range 100 {
			r := compare(t, usual().profiles(c.base, c.samples, random), usual().profiles(c.next, c.otherwise, random))
			if changed, moved := r.Changed(); len(changed)+len(moved) > 0 {
				wrong++
				frames += len(changed)
			}
		}
		t.Logf("%s: %d of 100 comparisons, %d frames", name, wrong, frames)
		require.LessOrEqual(t, wrong, 4, name)
	}
}

// TestChangesAreFound: a method that needs 60 % more is found, and so is one that vanished and
// one that is new.
func TestChangesAreFound(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	found := 0
	for range 50 {
		p := usual()
		next := p.changed(map[string]float64{method3: 1.6 * p[method3]})
		r := compare(t, p.profiles(5, 10_000, random), next.profiles(5, 10_000, random))
		if f := frame(t, r, "method3"); f.Verdict == flame.Grown && f.Moved == "" {
			found++
		}
	}
	require.GreaterOrEqual(t, found, 45)

	next := usual().changed(map[string]float64{
		"Thread.run;Op5.process;Op5.call;method5":         0,
		"Thread.run;Op1.process;Op1.call;Json.parse":      0.3,
		"Thread.run;Op0.process;Op0.call;lambda$0$method": 0.001,
	})
	r := compare(t, usual().profiles(5, 10_000, random), next.profiles(5, 10_000, random))
	gone, appeared := frame(t, r, "method5"), frame(t, r, "Json.parse")
	require.Equal(t, flame.Gone, gone.Verdict)
	require.Zero(t, gone.NewPercent)
	require.Equal(t, flame.Appeared, appeared.Verdict)
	require.Empty(t, gone.Moved+appeared.Moved)
	changed, _ := r.Changed()
	require.Equal(t, "Json.parse", changed[0].Name, "the largest is first")
}

// TestCostThatOnlyMoved is told apart: a part of a method became a method of its own, a method was
// renamed.
func TestCostThatOnlyMoved(t *testing.T) {
	p := usual()
	for name, c := range map[string]struct {
		shares       map[string]float64
		frame, other string
	}{
		"extracted": {map[string]float64{method3: p[method3] / 2, method3 + ";part": p[method3] / 2}, "part", "method3"},
		"its source": {
			map[string]float64{method3: p[method3] / 2, method3 + ";part": p[method3] / 2}, "method3", "method3",
		},
		"renamed": {
			map[string]float64{method3: 0, "Thread.run;Op3.process;Op3.call;better3": p[method3]}, "better3", "method3",
		},
		"vanished": {
			map[string]float64{method3: 0, "Thread.run;Op3.process;Op3.call;better3": p[method3]}, "method3", "better3",
		},
		"to a sibling": {
			map[string]float64{method3: p[method3] / 2, method9: p[method9] + p[method3]/2}, "method9", "Op3.call",
		},
	} {
		random := rand.New(rand.NewPCG(3, 1))
		r := compare(t, p.profiles(8, 50_000, random), p.changed(c.shares).profiles(8, 50_000, random))
		f := frame(t, r, c.frame)
		require.NotEqual(t, flame.Unchanged, f.Verdict, name)
		require.Equal(t, c.other, f.Moved, name)
		changed, moved := r.Changed()
		require.NotContains(t, changed, f, name)
		require.Contains(t, moved, f, name)
	}
}

// TestGeneratedNamesAreOneFrame: the numbers of lambdas differ in each build.
func TestGeneratedNamesAreOneFrame(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 1))
	base := usual().changed(map[string]float64{"Thread.run;Op1.process;Job$$Lambda$12/0x00007f4c066911a8.map": 0.2})
	next := usual().changed(map[string]float64{"Thread.run;Op1.process;Job$$Lambda$99/0x00007f4c06699999.map": 0.2})
	r := compare(t, base.profiles(4, 10_000, random), next.profiles(4, 10_000, random))
	require.Equal(t, flame.Unchanged, frame(t, r, flame.Normal("Job$$Lambda$12/0x00007f4c066911a8.map")).Verdict)
	require.Equal(t, 61, r.Tested)
}

// TestDetectableChange: a change of the size that one comparison calls detectable is found by the
// next one in about three of four cases.
func TestDetectableChange(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 1))
	p := usual()
	others := -p[method3]
	for _, stack := range sortedStacks(p) {
		others += p[stack]
	}
	found := 0
	for range 200 {
		r := compare(t, p.profiles(5, 10_000, random), p.profiles(5, 10_000, random))
		share := p[method3]/(others+p[method3]) + frame(t, r, "method3").DetectablePoints/100
		next := p.changed(map[string]float64{method3: others * share / (1 - share)})
		r = compare(t, p.profiles(5, 10_000, random), next.profiles(5, 10_000, random))
		if frame(t, r, "method3").Verdict == flame.Grown {
			found++
		}
	}
	t.Logf("%d of 200 found", found)
	require.InDelta(t, 150, found, 15)
}

func TestTooFewProfiles(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	three := usual().profiles(3, 1000, random)
	_, err := groupdiff.Compare(three[:2], three, category)
	require.ErrorIs(t, err, groupdiff.ErrTooFew)
	_, err = groupdiff.Compare(three, append([]*flame.Tree{flame.New()}, three[:2]...), category)
	require.ErrorIs(t, err, groupdiff.ErrTooFew, "one without samples does not count")
	require.ErrorContains(t, err, "3 and 2, a verdict needs 3 on each side")
}

func TestSides(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 1))
	base := usual().profiles(3, 300, random)
	r := compare(t, base, base)
	require.Equal(t, 3, r.Base.Profiles)
	require.Equal(t, base[0].Total()+base[1].Total()+base[2].Total(), r.New.Samples)
	require.Less(t, r.Tested, 60, "rare frames are not tested")
}
