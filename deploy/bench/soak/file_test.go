package soak

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

// TestTheFileDoubledOnce recounts what docs/operations.md says of a run that was longer than the table.
// testdata/file.csv has the moments at which the size of the file changed, and the end.
func TestTheFileDoubledOnce(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/file.csv")
	require.NoError(t, err)
	all, err := parse(text)
	require.NoError(t, err)
	seconds, sizes := all["seconds"], all["history_bytes"]
	last := len(sizes) - 1
	require.InDelta(t, sizes[last-1], sizes[last], 0, "it stayed as it was until the end")
	require.InDelta(t, 2*sizes[last-2], sizes[last], 0)
	documenttest.Says(t, "../../../docs/operations.md", fmt.Sprintf(
		"After %.0f minutes the file doubled once, from %.0f to %.0f MiB, until the end after %.0f minutes.",
		seconds[last-1]/60, sizes[last-2]/(1<<20), sizes[last]/(1<<20), seconds[last]/60))
}
