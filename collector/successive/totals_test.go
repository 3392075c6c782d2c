package successive

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

func TestTally(t *testing.T) {
	var tally RunningTotals
	sums := func(a float64) flink.Aggregates { return flink.Aggregates{"a": {Sum: a}} }
	names := []string{"a", "absent"}
	require.Equal(t, flink.Values{"a": 0}, tally.Count([]string{"x"}, names, sums(7)))
	require.Equal(t, flink.Values{"a": 2}, tally.Count([]string{"x"}, names, sums(9)))
	require.Equal(t, flink.Values{"a": 2}, tally.Count([]string{"x", "y"}, names, sums(50)))
	require.Empty(t, tally.Count([]string{"x", "y"}, names, nil))
	require.Equal(t, flink.Values{"a": 2}, tally.Count([]string{"x", "y"}, names, sums(51)),
		"what was not there goes on")
	require.Equal(t, flink.Values{"a": 5}, tally.Count([]string{"x", "y"}, names, sums(54)))
}
