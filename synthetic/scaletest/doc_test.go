package scaletest_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

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
