package bundlefile_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
)

// TestTheDocumentedBundle reads the bundle that docs/operations.md shows.
func TestTheDocumentedBundle(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/operations.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(doc), "```json\n{\n  \"job\"")
	require.True(t, found)
	text, _, _ := strings.Cut(rest, "```")
	page, err := os.ReadFile("../../flame/testdata/pairs/3.0-ITIMER.html")
	require.NoError(t, err)
	b, warnings, err := byHand(t, "{\n  \"job\""+text, bundlefile.Files{
		"tm_ITIMER_1.html": page, "wall.collapsed.gz": packed(t)[wallFile],
	})
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, "ITIMER 97 9.5", fmt.Sprintf("%s %g %g", b.Profiles[0].Mode, 100**b.Vertices[0].Busy,
		*b.Checkpoints.Duration))
}

// TestNamesOfFields: bundle.json has the names of fields that the documentation has.
func TestNamesOfFields(t *testing.T) {
	var got map[string]any
	require.NoError(t, json.Unmarshal(packed(t)[bundlefile.Name], &got))
	require.InDelta(t, 1, got["version"], 0)
	first := got["profiles"].([]any)[0].(map[string]any)
	require.Equal(t, cpuFile, first["file"])
	require.InDelta(t, 30, first["duration_seconds"], 0.001)
	require.InDelta(t, 1321, got["trends"].([]any)[0].(map[string]any)["breach_seconds"], 0.001)
	require.False(t, bytes.Contains(packed(t)[bundlefile.Name], []byte("Stacks")))
}
