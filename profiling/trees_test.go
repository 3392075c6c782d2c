package profiling

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// TestHeldTreesAreBoundedByBytes keeps profiles of very different sizes: what is held
// stays below the limit, and the latest is always there.
func TestHeldTreesAreBoundedByBytes(t *testing.T) {
	small, large := treeOf(t, 10), treeOf(t, 10_000)
	trees := NewTrees(nil)
	trees.most = 2*large.Bytes() + small.Bytes()
	for i := range 20 {
		tree := small
		if i%3 == 0 {
			tree = large
		}
		hash := fmt.Sprint(i)
		trees.keep(hash, tree)
		trees.keep(hash, tree)
		held, err := trees.Tree(hash)
		require.NoError(t, err)
		require.Same(t, tree, held)
		require.LessOrEqual(t, trees.bytes, trees.most)
		require.Len(t, trees.held, len(trees.order))
	}
	trees.most = small.Bytes()
	trees.keep("larger than the limit", large)
	require.Equal(t, []string{"larger than the limit"}, trees.order)
	require.Equal(t, large.Bytes(), trees.bytes)
}

func treeOf(t *testing.T, stacks int) *flame.Tree {
	t.Helper()
	var text strings.Builder
	for i := range stacks {
		fmt.Fprintf(&text, "java/lang/Thread.run;Operator%d.processElement 1\n", i)
	}
	tree, err := flame.ReadCollapsed(strings.NewReader(text.String()))
	require.NoError(t, err)
	return tree
}
