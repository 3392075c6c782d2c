package plugin

import (
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

var framesDir = flag.String("frames", "", "the folder for answers that the tests in a browser draw; empty is none")

// largeFrames is the size of the largest flame graph that the panel must draw within a second.
const largeFrames = 50_000

// trees are profiles by hash.
type trees map[string]*flame.Tree

func (s trees) Tree(hash string) (*flame.Tree, error) {
	tree, found := s[hash]
	if !found {
		return nil, &api.Error{Status: 404, Message: "the page is missing (its findings stay in history)"}
	}
	return tree, nil
}

// sample is a profile of the sample job, which Flink's own profiler took.
func sample(t *testing.T, name string) *flame.Tree {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "..", "..", "advisor", "testdata", name+".collapsed.gz"))
	require.NoError(t, err)
	defer file.Close()
	text, err := gzip.NewReader(file)
	require.NoError(t, err)
	tree, err := flame.ReadCollapsed(text)
	require.NoError(t, err)
	return tree
}

// large has exactly so many frames beside the root, ten deep.
func large(frames int) *flame.Tree {
	tree := flame.New()
	for i := range frames / 10 {
		stack := make([]string, 10)
		for depth := range stack {
			stack[depth] = fmt.Sprintf("org.example.Class%d.method%d", (i+depth)%997, i)
		}
		tree.Add(stack, int64(1+i%7))
	}
	return tree
}

// TestFramesForTheBrowser asks for what the tests in a browser draw: real profiles, the largest
// and the smallest flame graph. With -frames it keeps the answers.
func TestFramesForTheBrowser(t *testing.T) {
	w := filled(t)
	w.trees = trees{
		"hot": sample(t, "sample-lookup-ITIMER"), "calm": sample(t, "sample-fixed-ITIMER"),
		"large": large(largeFrames), "none": flame.New(),
	}
	for _, c := range []struct {
		name, kind string
		filters    map[string]any
		rows       int
	}{
		{"flamegraph", "flamegraph", map[string]any{"episode": idAt(0)}, 100},
		{"diff", "diff", map[string]any{"episode": idAt(0)}, 100},
		{"large", "flamegraph", map[string]any{"hash": "large", "frames": 100_000}, largeFrames},
		{"empty", "flamegraph", map[string]any{"hash": "none"}, 1},
		{"no profile", "flamegraph", map[string]any{"job": "another"}, 1},
	} {
		begun := time.Now()
		answer := w.ask(t, c.kind, c.filters)
		require.NoError(t, answer.Error, c.name)
		require.GreaterOrEqual(t, answer.Frames[0].Rows(), c.rows, c.name)
		t.Logf("%s: %d rows in %s", c.name, answer.Frames[0].Rows(), time.Since(begun))
		if *framesDir != "" {
			text, err := json.Marshal(answer)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(*framesDir, c.name+".json"), text, 0o600))
		}
	}
}
