package flame

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMovedFrames: another operator than before calls the parser. This is one move, of the
// called frame, and not a move of all frames below it.
func TestMovedFrames(t *testing.T) {
	build := func(stacks map[string]int64) *Tree {
		tree := New()
		for stack, samples := range stacks {
			tree.Add(strings.Split(stack, ";"), samples)
		}
		return tree
	}
	base := build(map[string]int64{
		"run;A;parse;read": 400, "run;A;parse;parse;read": 100, "run;B;parse;read": 50,
		"run;B": 450, "run;A": 100, "run;rare;read": 2,
	})
	next := build(map[string]int64{
		"run;A;parse;read": 40, "run;B;parse;read": 410, "run;B;parse;parse;read": 100,
		"run;B": 90, "run;A": 460, "run;rare;read": 2,
	})
	c, err := Align(base, next, func(name string) string { return name }).Compare(func(string) string { return "" })
	require.NoError(t, err)
	moved := map[string]Move{}
	for _, change := range c.Frames {
		if change.Moved != nil {
			moved[change.Name] = *change.Moved
		}
	}
	require.Len(t, moved, 1)
	require.Equal(t, "A", moved["parse"].From)
	require.Equal(t, "B", moved["parse"].To)
	require.InDelta(t, 100*460.0/1102, moved["parse"].Points, 1e-3)

	pair := Align(base, next, func(name string) string { return name })
	calls := pair.calls(pair.Base.children())
	ids := map[string]int64{"": noCaller}
	for id, name := range Align(base, next, func(name string) string { return name }).Base.names {
		ids[name] = int64(id)
	}
	require.Equal(t, callCounts{1102, 1102}, calls[call{noCaller, ids["run"]}])
	require.Equal(t, callCounts{500, 40}, calls[call{ids["A"], ids["parse"]}],
		"a frame that occurs twice on a stack counts at its outermost place")
	require.NotContains(t, calls, call{ids["parse"], ids["parse"]})

	// The same profile twice has no moves.
	c, err = Align(base, base, Normal).Compare(func(string) string { return "" })
	require.NoError(t, err)
	for _, change := range c.Frames {
		require.Nil(t, change.Moved)
	}
}

// TestNewWrapperMovesTheWrappedFrame: a new frame stands between two frames and becomes the
// caller of the lower one.
func TestNewWrapperMovesTheWrappedFrame(t *testing.T) {
	base, next := New(), New()
	base.Add([]string{"run", "work"}, 500)
	next.Add([]string{"run", "wrap", "work"}, 500)
	c, err := Align(base, next, Normal).Compare(func(string) string { return "" })
	require.NoError(t, err)
	require.Equal(t, "wrap", c.Frames[0].Name)
	require.Equal(t, Appeared, c.Frames[0].Total.Verdict)
	require.Equal(t, &Move{From: "run", To: "wrap", Points: 100}, c.Frames[1].Moved)
}
