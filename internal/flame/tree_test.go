package flame

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tree builds a tree from lines of collapsed stacks.
func tree(t *testing.T, collapsed ...string) *Tree {
	t.Helper()
	made, err := ReadCollapsed(strings.NewReader(strings.Join(collapsed, "\n") + "\n"))
	require.NoError(t, err)
	return made
}

func TestEmptyTree(t *testing.T) {
	empty := New()
	require.Zero(t, empty.Total())
	require.Empty(t, empty.Frames())
	require.Empty(t, collapse(t, empty))
	for stack := range empty.Stacks() {
		require.Fail(t, "a stack without samples", stack)
	}
}

func TestAddSumsEqualStacks(t *testing.T) {
	made := New()
	made.Add([]string{"run", "parse"}, 2)
	made.Add([]string{"run"}, 1)
	made.Add([]string{"run_[j]", "parse_[i]"}, 3)
	made.Add(nil, 4)
	require.Equal(t, " 4\nrun 1\nrun;parse 5\n", collapse(t, made))
	require.EqualValues(t, 10, made.Total())
}

func TestNames(t *testing.T) {
	for frame, name := range map[string]string{
		"java/lang/Thread.run":        "java/lang/Thread.run",
		"java/lang/Thread.run_[0]":    "java/lang/Thread.run",
		"java/lang/Thread.run_[j]":    "java/lang/Thread.run",
		"java/lang/Thread.run_[i]":    "java/lang/Thread.run",
		"java/lang/Thread.run_[1]":    "java/lang/Thread.run",
		"do_syscall_64_[k]":           "do_syscall_64",
		"byte[]_[k]":                  "byte[]",
		"byte[]":                      "byte[]",
		"x_[j]_[k]":                   "x",
		"x_[2]":                       "x_[2]",
		"[j]":                         "[j]",
		"a.m(Ljava/lang/String;I)V":   "a.m(Ljava/lang/String|I)V",
		"[worker-1 tid=17]":           "[worker-1 tid=17]",
		"operator new(unsigned long)": "operator new(unsigned long)",
	} {
		made := New()
		made.Add([]string{frame}, 1)
		require.Equal(t, name, made.Frames()[0].Name, frame)
	}
}

// The samples, by hand:
//
//	a        1
//	a;b      2
//	a;b;a    4
//	a;b;a;b  8
//	b;c     16
//
// Self: a 1+4, b 2+8, c 16. Total, each stack once: a 1+2+4+8 = 15,
// b 2+4+8+16 = 30, c 16. Inclusive sums over all nodes would give a 15+12 = 27.
func TestRecursionCountsOnceInTotals(t *testing.T) {
	made := tree(t, "a 1", "a;b 2", "a;b;a 4", "a;b;a;b 8", "b;c 16")
	require.Equal(t, []Frame{
		{Name: "c", Self: 16, Total: 16},
		{Name: "b", Self: 10, Total: 30},
		{Name: "a", Self: 5, Total: 15},
	}, made.Frames())
	require.Equal(t, []Frame{{Name: "c", Self: 16, Total: 16}}, made.Top(1))
	require.Len(t, made.Top(100), 3)
}

func TestFramesOfEqualHeatAreSortedByTotalThenName(t *testing.T) {
	var names []string
	for _, frame := range tree(t, "z;y 3", "z;b 3", "q;x 3", "q 1").Frames() {
		names = append(names, frame.Name)
	}
	require.Equal(t, []string{"b", "x", "y", "q", "z"}, names)
}

func TestStacks(t *testing.T) {
	found := map[string]int64{}
	for stack, samples := range tree(t, "a 1", "a;b;c 2", "d;c 3").Stacks() {
		found[strings.Join(stack, ";")] = samples
	}
	require.Equal(t, map[string]int64{"a": 1, "a;b;c": 2, "d;c": 3}, found)

	for stack := range tree(t, "a 1", "b 2").Stacks() {
		require.Equal(t, []string{"a"}, slices.Clone(stack))
		break
	}
}

// There are enough edges to make the table grow many times and to cause collisions.
func TestManyEdges(t *testing.T) {
	made := New()
	name := func(i int) string { return string(rune('a'+i%26)) + string(rune('a'+i/26)) }
	for range 2 {
		for i := range 600 {
			for j := range 40 {
				made.Add([]string{name(i), name(j)}, 1)
			}
		}
	}
	require.EqualValues(t, 2*600*40, made.Total())
	require.Len(t, made.nodes, 1+600+600*40)
	for _, samples := range made.Stacks() {
		require.EqualValues(t, 2, samples)
	}
}

// containing counts the samples with a frame on their stack that match accepts.
func containing(tree *Tree, match func(frame string) bool) (samples int64) {
	for stack, n := range tree.Stacks() {
		if slices.ContainsFunc(stack, match) {
			samples += n
		}
	}
	return samples
}
