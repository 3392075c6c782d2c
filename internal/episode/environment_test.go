package episode_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestDifferencesOfEnvironments(t *testing.T) {
	before := map[string]string{"template": "a", "shards": "3", "sink_alerts": "topic alerts", "sink_search": "index orders"}
	now := map[string]string{"template": "b", "partitions": "4", "sink_search": "index orders", "sink_other": "topic x"}
	require.Equal(t, []string{
		"sink_alerts topic alerts → none", "template a → b", "sink_other none → topic x",
	}, episode.Differences(before, now))
	require.Equal(t, []string{"template b → a"}, episode.Differences(now, map[string]string{"template": "a"}),
		"a test that names no sinks is of an earlier version")
	require.Empty(t, episode.Differences(nil, now))
	require.Empty(t, episode.Differences(before, nil))
}

// A rate below which every rate was sustained is no limit, and neither is one that a person
// interrupted.
func TestOnlyAFinishedSearchHasARate(t *testing.T) {
	rate := 10.0
	for _, verdict := range []episode.SustainVerdict{
		episode.Sustained, episode.Undecided, episode.GeneratorLimited, episode.NotSustained,
	} {
		test := episode.ScaleTest{
			Verdict: episode.ScaleOK, Sustainable: &episode.Sustainable{Rate: &rate, Verdict: verdict},
		}
		require.Equal(t, verdict == episode.Sustained, test.SustainableRate() != nil, verdict)
		test.Verdict = episode.ScaleAborted
		require.Nil(t, test.SustainableRate(), verdict)
	}
	require.Nil(t, episode.ScaleTest{Verdict: episode.ScaleOK}.SustainableRate())
}
