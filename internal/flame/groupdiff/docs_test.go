package groupdiff

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDocumentedNumbers: docs/history.md states the limits that are used.
func TestDocumentedNumbers(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/history.md")
	require.NoError(t, err)
	text := strings.Join(strings.Fields(string(raw)), " ")
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
