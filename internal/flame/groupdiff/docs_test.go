package groupdiff

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

// TestDocumentedNumbers: docs/history.md states the limits that are used.
func TestDocumentedNumbers(t *testing.T) {
	text := documenttest.Text(t, "../../../docs/history.md")
	for _, sentence := range []string{
		fmt.Sprintf("Each epoch needs at least %d, or the command fails", MinProfiles),
		fmt.Sprintf("Below %g it does not count", MinPoints),
		fmt.Sprintf("printed below %d,000 samples a side", manySamples/1000),
		fmt.Sprintf("On average %.0f %% of the frames with a verdict", 100*FalseDiscoveries),
	} {
		require.Contains(t, text, sentence)
	}
	require.InDelta(t, 0.5, widest, 0, "up to half of all samples")
}
