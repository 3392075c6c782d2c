package changepoint

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
)

// TestDocumentedNumbers: docs/history.md states the limits that are used.
func TestDocumentedNumbers(t *testing.T) {
	text := documenttest.Text(t, "../../../docs/history.md")
	for _, sentence := range []string{
		fmt.Sprintf("`candidate` while a side has fewer than %d blocks", production.MinBlocks),
		fmt.Sprintf("epochs that began within %d blocks of the change", within),
		fmt.Sprintf("move the point by up to %d blocks", within),
		fmt.Sprintf("A figure with fewer than %d blocks cannot have a change point", 2*MinSegment),
		fmt.Sprintf("A change below %.0f %% is not found", 100*DefaultSettings().MinChange),
	} {
		require.Contains(t, text, sentence)
	}
}
