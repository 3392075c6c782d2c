package prediction_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/prediction"
)

// TestDoubtfulKindsGoBehind: four misses and no hit move a finding behind others of its
// severity, three do not, and ids and severities stay.
func TestDoubtfulKindsGoBehind(t *testing.T) {
	missed := func(n int) map[prediction.Kind]prediction.Record {
		return map[prediction.Kind]prediction.Record{
			{Category: "kryo", Source: "rule:kryo"}: {Results: map[episode.OutcomeResult]int{episode.Miss: n - 1, episode.Opposite: 1}},
		}
	}
	weighed := func(misses int) (ids []string) {
		findings := []episode.Finding{
			{ID: "F1", Rank: 1, Category: "kryo", Source: "rule:kryo", Severity: episode.Critical, Confidence: 0.8},
			{ID: "F2", Rank: 2, Category: "json", Source: "rule:json", Severity: episode.Critical, Confidence: 0.8},
			{ID: "F3", Rank: 3, Category: "kryo", Source: "llm:m", Severity: episode.Critical, Confidence: 0.8},
			{ID: "F4", Rank: 4, Category: "kryo", Source: "rule:kryo", Severity: episode.Warning, Confidence: 0.8},
			{ID: "F5", Rank: 5, Category: "gc", Source: "rule:gc", Severity: episode.Info, Confidence: 0.8},
		}
		prediction.Weigh(findings, missed(misses))
		for i, f := range findings {
			require.Equal(t, i+1, f.Rank)
			ids = append(ids, f.ID)
			if f.Source == "rule:kryo" {
				require.InDelta(t, 8/float64(10+misses), f.Confidence, 1e-9)
			} else {
				require.InDelta(t, 0.8, f.Confidence, 0)
			}
		}
		return ids
	}
	require.Equal(t, []string{"F1", "F2", "F3", "F4", "F5"}, weighed(3))
	require.Equal(t, []string{"F2", "F3", "F1", "F4", "F5"}, weighed(4))
}
