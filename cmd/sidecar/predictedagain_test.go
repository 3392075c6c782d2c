package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// savedBaseline is the episode of the baseline of make ladder-single on 1 December 2026: its bundle as
// advise --episode wrote it, and what was measured after it. The advice of that day missed two gains.
const savedBaseline = "testdata/single-baseline/"

// adviceOnBaseline is what the present rules say of the bundle.
func adviceOnBaseline(t *testing.T) episode.Advice {
	t.Helper()
	var advice episode.Advice
	text := printed(t, "advise", "--bundle="+savedBaseline+"bundle", "--provider=none", "--format=json")
	require.NoError(t, json.Unmarshal([]byte(text), &advice))
	return advice
}

// TestPredictedAgain puts the advice of the present rules on a saved episode beside what had been
// measured after it. It shows what the rules learned, and is no new measurement.
func TestPredictedAgain(t *testing.T) {
	t.Parallel()
	tests, labels := ladderTests(t, "single-baseline/measured")
	advised := map[string][]episode.Finding{labels[0]: adviceOnBaseline(t).Findings}
	documenttest.Hold(t, "../../docs/advice.md", "predictions again", predictedRows(t, tests, aloneOf(labels), advised), *update)
}

// TestTheSavedBaseline: in its minute the hot subtask was busy 59.7 % of the time, because the load had
// just begun. Its flame graph has one of two subtasks at work in all samples.
func TestTheSavedBaseline(t *testing.T) {
	t.Parallel()
	found := map[string]episode.Finding{}
	for _, f := range adviceOnBaseline(t).Findings {
		found[f.Category] = f
	}
	lookups := found["blocking-io"]
	require.NotNil(t, lookups.Impact)
	require.Equal(t, 1, lookups.Rank)
	// Half of the waiting of a subtask that is busy 59.7 % of the time, at least; at most 95 % of it
	// of one that is always busy.
	require.InDelta(t, 39.9, lookups.Impact.LowPercent, 0.3)
	require.InDelta(t, 100*(1/(1-0.99*0.95)-1), lookups.Impact.HighPercent, 0.1)
	// 0.951 and 0.474: both are the flame graph's share by the skew of the metrics.
	require.Contains(t, lookups.Why, "From +100 % on, orders to Elasticsearch: Writer limits the job")

	hot := found["hot-key"]
	require.NotNil(t, hot.Impact, "it had no finding")
	require.Equal(t, "One subtask of enrich orders is 1.9 times as busy as the mean", hot.Title)
	require.InDelta(t, 100*(0.597/0.314-1), hot.Impact.HighPercent, 0.1)
	require.Contains(t, hot.Why, "Its flame graph shows that subtask at work about 95.1 % of the time")

	require.NotNil(t, found["sink-batching"].Impact, "another vertex limits, and hardly needs a processor")
	// The vertex that limits is on the CPU in 3.0 % of its time: 1/(1 - 0.03 x 0.95) - 1.
	require.InDelta(t, 2.9, found["sink-batching"].Impact.HighPercent, 0.05)
	require.NotNil(t, found["checkpoint-interval"].Impact)
	require.InDelta(t, 5.2, found["checkpoint-interval"].Impact.HighPercent, 0.05)
	require.Equal(t, episode.Warning, found["checkpoint-interval"].Severity)
}
