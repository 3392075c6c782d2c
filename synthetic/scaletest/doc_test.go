package scaletest_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
)

// TestGuideHasTheNumbers compares the sentences of docs/scaletest.md with the constants.
func TestGuideHasTheNumbers(t *testing.T) {
	guide, err := os.ReadFile("../../docs/scaletest.md")
	require.NoError(t, err)
	for _, want := range scaletest.NumbersOfTheGuide() {
		require.Contains(t, string(guide), want)
	}
	require.Contains(t, string(guide), fmt.Sprintf("The default is %d.", scaletest.DefaultMaxRecords))
}

// TestGuideHasTheFigures compares the figures of docs/scaletest.md with what the tests require.
func TestGuideHasTheFigures(t *testing.T) {
	text := documenttest.Text(t, "../../docs/scaletest.md")
	for _, want := range []string{
		fmt.Sprintf("delays of %g to %g s at %g records/s and a stall of %g s", shortestDelay.Seconds(),
			longestDelay.Seconds(), plannedRate, stallFor.Seconds()),
		fmt.Sprintf("within %g %% or %d ms of the truth", 100*exactShare, exactTime.Milliseconds()),
		fmt.Sprintf("which delays %d records by %d ms each and stands still for %g s", loopRecords,
			loopDelay.Milliseconds(), stallFor.Seconds()),
		fmt.Sprintf("Of %d records, of which %d are lost, %[2]d duplicated and %[2]d reordered", plantedRecords, plantedFaults),
		fmt.Sprintf("a planted job of %g records/s five searches found rates within %g %% of their mean, and within %g %% of "+
			"the limit", plantedLimit, 100*searchSpread, 100*searchExact),
	} {
		require.Contains(t, text, want)
	}
}
