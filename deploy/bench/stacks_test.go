package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

func TestGeneratedStacksAreRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "stacks")
	read := func(version uint64) *flame.Tree {
		require.NoError(t, generate(name, 1000, version))
		file, err := os.Open(name)
		require.NoError(t, err)
		defer file.Close()
		tree, err := flame.ReadCollapsed(file)
		require.NoError(t, err)
		return tree
	}
	base, later := read(0), read(1)
	require.Equal(t, int64(620), base.Total())
	var changed int64
	for stack, samples := range later.Stacks() {
		if slices.ContainsFunc(stack, func(frame string) bool { return strings.HasSuffix(frame, "Later") }) {
			changed += samples
		}
	}
	require.Greater(t, changed, later.Total()/4, "some frame of a stack")
	require.Less(t, changed, later.Total())
}

func TestSumOfLines(t *testing.T) {
	sum := func(text string) (uint64, int) {
		name := filepath.Join(t.TempDir(), "stacks")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		sum, lines, err := sumOfLines(name)
		require.NoError(t, err)
		return sum, lines
	}
	want, lines := sum("a;b 1\nc 2\n")
	require.Equal(t, 2, lines)
	same, _ := sum("c_[j] 2\na_[0];b_[i] 1\n")
	require.Equal(t, want, same)
	other, _ := sum("a;b 2\nc 1\n")
	require.NotEqual(t, want, other)
}
