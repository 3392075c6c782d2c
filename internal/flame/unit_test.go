package flame

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Allocations of one program with --total: counts are bytes.
var bytesOf = [2][]int64{
	{49807360, 45088768, 61865984, 27787264, 25165824},
	{52428800, 42991616, 67633152, 28311552, 18350080},
}

func bytesTree(t *testing.T, side int) *Tree {
	t.Helper()
	var text strings.Builder
	for i, frame := range []string{"Json.read", "Json.write", "Orders.map", "State.get", "Util.copy"} {
		fmt.Fprintf(&text, "java/lang/Thread.run;com/acme/%s;byte[] %d\n", frame, bytesOf[side][i])
	}
	made, err := ReadCollapsed(strings.NewReader(text.String()))
	require.NoError(t, err)
	return made
}

func TestBytesAreNotSamples(t *testing.T) {
	base, next := bytesTree(t, 0), bytesTree(t, 1)
	require.Equal(t, "counts", base.Unit())
	require.Equal(t, "counts", base.Table(Alloc, noCategory).Unit)
	quality := base.Quality()
	require.Equal(t, Poor, quality.Grade)
	require.Equal(t, "counts", quality.Unit)
	require.Equal(t, []string{"counts that are of an unknown unit instead of samples " +
		"(take the profile without --total)"}, quality.Reasons)
	require.Equal(t, quality, QualityOf(base.Stacks()))
	_, err := Align(base, next, Normal).Compare(noCategory)
	require.ErrorIs(t, err, ErrNotSamples)
	require.EqualError(t, err, "base profile: its counts are of an unknown unit, not samples "+
		"(take the profile without --total)")
}

func TestUnitOfATitle(t *testing.T) {
	for title, unit := range map[string]string{
		"CPU profile": "samples", "Allocation profile (bytes)": "bytes", "Lock profile (ns)": "ns",
		"Wall clock profile (ns)": "ns",
		"CPU profile (cycles)":    "cycles", "Run (2)": "samples", "": "samples", "(bytes)": "samples",
	} {
		page, err := ReadPage(strings.NewReader(strings.Replace(oldPage("f(0,0,9,3,'all')", "f(1,0,9,1,'a')"),
			"CPU profile", title, 1)))
		require.NoError(t, err)
		require.Equal(t, unit, page.Tree.Unit(), title)
	}
	page, err := ReadPage(strings.NewReader(strings.Replace(oldPage("f(0,0,9,3,'all')",
		"f(1,0,9,1,'a')"), "CPU profile", "Lock profile (ns)", 1)))
	require.NoError(t, err)
	aligned := Align(tree(t, "a 9"), page.Tree, Normal)
	_, err = aligned.Compare(noCategory)
	require.EqualError(t, err, "new profile: its counts are ns, not samples (take the profile without --total)")
	require.Equal(t, "ns", page.Tree.Only(func([]string) bool { return true }).Unit())
}

func TestSamplesStaySamples(t *testing.T) {
	for _, lines := range [][]string{
		{"a 16", "b 8"}, {"a 999999", "b 1000000"}, {"a 5000001", "b 7000003"}, {"a 800", "b 8000"},
	} {
		require.Equal(t, "samples", tree(t, lines...).Unit(), lines)
	}
	for _, lines := range [][]string{{"a 1000000", "b 8"}, {"a 1000000000", "b 1"}} {
		require.Equal(t, "counts", tree(t, lines...).Unit(), lines)
	}
}

// With --minwidth the profiler leaves out frames and keeps the place of all others.
func TestOmittedFramesAreNotSelfTime(t *testing.T) {
	page, err := ReadPage(strings.NewReader(oldPage(
		"f(0,0,100,3,'all')",
		"f(1,0,90,1,'run')",   // 2 self samples, then a, 5 not shown, c, and 3 not shown
		"f(2,2,40,1,'a')",     //
		"f(2,47,40,1,'c')",    //
		"f(3,50,37,1,'leaf')", // the missing samples before it look like self samples of c
		"f(1,90,4,1,'z')",     // and 6 not shown after it
	)))
	require.NoError(t, err)
	require.Equal(t, "[not shown] 6\nrun 2\nrun;[not shown] 8\nrun;a 40\nrun;c 3\nrun;c;leaf 37\nz 4\n",
		collapse(t, page.Tree))
	require.EqualValues(t, 100, page.Tree.Total())
	require.EqualValues(t, 14, page.Tree.NotShown())
	require.Contains(t, page.Tree.Quality().Reasons,
		"14.0 % of the samples are in frames that the page omits (take the profile without --minwidth)")
	require.Equal(t, page.Tree.Quality(), QualityOf(page.Tree.Stacks()))
	_, err = Align(page.Tree, page.Tree, Normal).Compare(noCategory)
	require.ErrorIs(t, err, ErrIncomplete)
	require.EqualError(t, err, "base profile: 14 of 100 samples have no frame: narrow frames are missing "+
		"(take the profile without --minwidth)")
}

// Random trees without the frames below a width, which the profiler omits in the same way.
// No frame gets more samples than it has.
func TestOmittedFramesOfRandomTrees(t *testing.T) {
	for seed := range uint64(10) {
		made := random(600, seed)
		sums := made.sums()
		var text strings.Builder
		made.render(&text, oldHead, func(at int32, level int, left, width int64) {
			for up := at; up != root; up = made.nodes[up].parent {
				if sums[up] < 4 {
					return
				}
			}
			name := "all"
			if at != root {
				name = made.names[made.nodes[at].name]
			}
			fmt.Fprintf(&text, "f(%d,%d,%d,1,'%s')\n", level, left, width, strings.ReplaceAll(name, "'", `\'`))
		})
		page, err := ReadPage(strings.NewReader(text.String()))
		require.NoError(t, err)
		require.Equal(t, made.Total(), page.Tree.Total())
		require.Positive(t, page.Tree.NotShown())
	}
}

// With --reverse and --inverted together, the page says that it is not inverted.
func TestReversedIsFoundByTheStacks(t *testing.T) {
	made := tree(t, "java/lang/Thread.run;a;b 30", "java/lang/Thread.run;a;c 20", "start_thread;VM::run 5")
	turned := New()
	for stack, samples := range made.Stacks() {
		stack = slices.Clone(stack)
		slices.Reverse(stack)
		turned.Add(stack, samples)
	}
	var forward, backward strings.Builder
	renderOld(&forward, made)
	renderOld(&backward, turned)
	_, err := ReadPage(strings.NewReader(forward.String()))
	require.NoError(t, err)
	_, err = ReadPage(strings.NewReader(backward.String()))
	require.ErrorIs(t, err, ErrReversed)
	_, err = ReadCollapsed(strings.NewReader(collapse(t, turned)))
	require.EqualError(t, err, "most stacks end where a thread begins: a reversed or inverted graph "+
		"(take it without these options)")
}
