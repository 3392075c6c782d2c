package flame_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

func collapsed(t testing.TB, text string) *flame.Tree {
	t.Helper()
	tree, err := flame.ReadCollapsed(strings.NewReader(text))
	require.NoError(t, err)
	return tree
}

// rowsOf writes a nested set as an indented text.
func rowsOf(n flame.NestedSet) string {
	var b strings.Builder
	for i, level := range n.Level {
		fmt.Fprintf(&b, "%s%s %d/%d", strings.Repeat(" ", level), n.Names[n.Name[i]], n.Value[i], n.Self[i])
		if n.ValueRight != nil {
			fmt.Fprintf(&b, " %d/%d", n.ValueRight[i], n.SelfRight[i])
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestNestedSet(t *testing.T) {
	t.Parallel()
	n := collapsed(t, "a;b;c 3\na;b 1\na;d 2\ne 4\n").NestedSet(100)
	require.Equal(t, "all 10/0\n a 6/0\n  b 4/1\n   c 3/3\n  d 2/2\n e 4/4\n", rowsOf(n))
	require.Equal(t, "samples", n.Unit)
	require.Zero(t, n.Hidden)
	require.Nil(t, n.ValueRight)
}

// TestNestedSetOfNothing: Grafana's panel fails on a table without rows.
func TestNestedSetOfNothing(t *testing.T) {
	t.Parallel()
	require.Equal(t, "all 0/0\n", rowsOf(flame.New().NestedSet(100)))
}

// TestNestedSetIsLimited: what is left out stays in the sums.
func TestNestedSetIsLimited(t *testing.T) {
	t.Parallel()
	n := collapsed(t, "a;b;c 3\na;b;x;y 1\na;d 1\na;f 1\ne 4\n").NestedSet(4)
	require.Equal(t, "all 10/0\n a 6/0\n  b 4/0\n   (3 smaller) 4/4\n  (2 smaller) 2/2\n e 4/4\n", rowsOf(n))
	require.Equal(t, 5, n.Hidden)
	require.Equal(t, "all 10/0\n (8 smaller) 10/10\n", rowsOf(collapsed(t, "a;b;c 3\na;b;x;y 1\na;d 1\na;f 1\ne 4\n").NestedSet(0)))
}

func TestNestedSetOfTwo(t *testing.T) {
	t.Parallel()
	same := func(name string) string { return name }
	n := flame.Align(collapsed(t, "a;b 3\na;c 1\n"), collapsed(t, "a;b 1\na;d 5\n"), same).NestedSet(100)
	require.Equal(t, "all 4/0 6/0\n a 4/0 6/0\n  b 3/3 1/1\n  c 1/1 0/0\n  d 0/0 5/5\n", rowsOf(n))
}

// BenchmarkNestedSet is a profile of 50,000 frames.
func BenchmarkNestedSet(b *testing.B) {
	tree := flame.New()
	for i := range 10_000 {
		tree.Add([]string{"root", fmt.Sprint("a", i%100), fmt.Sprint("b", i%1000), fmt.Sprint("c", i), "d", "e", "f", fmt.Sprint(i)}, 1)
	}
	for b.Loop() {
		tree.NestedSet(100_000)
	}
}
