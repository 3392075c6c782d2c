package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

// soakFigures are those of the last make soak that ran with KEEP=1.
type soakFigures struct {
	Date string `json:"date"`
	// Steady is the number of simulated days after which First was measured, Days that of Last.
	Steady int       `json:"steady_days"`
	Days   int       `json:"days"`
	First  footprint `json:"first"`
	Last   footprint `json:"last"`
}

// footprint is what must not grow. Heap and file are in bytes.
type footprint struct {
	Goroutines   int   `json:"goroutines"`
	Descriptors  int   `json:"descriptors"`
	Measurements int   `json:"measurements"`
	Episodes     int   `json:"episodes"`
	Pages        int   `json:"pages"`
	Heap         int64 `json:"heap_bytes"`
	File         int64 `json:"file_bytes"`
}

var soakFile = filepath.Join("testdata", "soak.json")

// TestDocumentedSoak: docs/operations.md says what the last long soak measured.
func TestDocumentedSoak(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(soakFile)
	require.NoError(t, err)
	var f soakFigures
	require.NoError(t, json.Unmarshal(text, &f))
	want := fmt.Sprintf("On %s, with `retention: 1d`, the process had the same size after %d and after %d simulated days: "+
		"%d goroutines, %d descriptors, %d flame graphs, a file of %d MiB, and a heap of %.1f and %.1f MB.",
		f.Date, f.Steady, f.Days, f.Last.Goroutines, f.Last.Descriptors, f.Last.Pages, f.Last.File>>20,
		float64(f.First.Heap)/1e6, float64(f.Last.Heap)/1e6)
	documenttest.Says(t, "../../docs/operations.md", want)
	require.Equal(t, f.First.File, f.Last.File, "the file grew: say so")
}
