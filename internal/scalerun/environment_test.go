package scalerun_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

func TestDifferencesOfEnvironments(t *testing.T) {
	before := map[string]string{"template": "a", "shards": "3", "sink_alerts": "topic alerts", "sink_search": "index orders"}
	now := map[string]string{"template": "b", "partitions": "4", "sink_search": "index orders", "sink_other": "topic x"}
	require.Equal(t, []string{
		"sink_alerts topic alerts → none", "template a → b", "sink_other none → topic x",
	}, scalerun.Differences(before, now))
	require.Equal(t, []string{"template b → a"}, scalerun.Differences(now, map[string]string{"template": "a"}),
		"a test that names no sinks is of an earlier version")
	require.Empty(t, scalerun.Differences(nil, now))
	require.Empty(t, scalerun.Differences(before, nil))
}

// TestHardwareIsComparedByItsNumbers: other words and what only one side knows are no difference.
func TestHardwareIsComparedByItsNumbers(t *testing.T) {
	const plain = "2 cores, 4096 MiB memory, 1024 MiB heap, 512 MiB managed"
	for now, want := range map[string][]string{
		plain: nil,
		"512 MiB managed, 4096 MiB memory, 2 cores, 1024 MiB heap":                 nil,
		"2 cores, 4096 MiB memory":                                                 nil,
		"2 cores, 4090 MiB memory, 1024 MiB heap, 512 MiB managed, 64 MiB network": nil,
		"2 cores, 4096 MiB memory, 2048 MiB heap, 0 MiB managed":                   {"1024 → 2048 MiB heap", "512 → 0 MiB managed"},
		"8 cores, 4000 MiB memory, 1024 MiB heap, 512 MiB managed":                 {"4096 → 4000 MiB memory", "2 → 8 cores"},
		"large": {plain + " → large"},
		plain + "; 8 cores, 4096 MiB memory, 1024 MiB heap, 512 MiB managed": {plain + " → " + plain + "; 8 cores, 4096 MiB memory, 1024 MiB heap, 512 MiB managed"},
	} {
		var got []string
		for _, difference := range scalerun.Differences(
			map[string]string{scalerun.HardwareFact: plain}, map[string]string{scalerun.HardwareFact: now},
		) {
			got = append(got, strings.TrimPrefix(difference, scalerun.HardwareFact+" "))
		}
		require.ElementsMatch(t, want, got, now)
	}
}

// A rate below which every rate was sustained is no limit, and neither is one that a person
// interrupted.
func TestOnlyAFinishedSearchHasARate(t *testing.T) {
	rate := 10.0
	for _, verdict := range []scalerun.SustainVerdict{
		scalerun.Sustained, scalerun.Undecided, scalerun.GeneratorLimited, scalerun.NotSustained,
	} {
		test := scalerun.Test{
			Verdict: scalerun.OK, Sustainable: &scalerun.Sustainable{Rate: &rate, Verdict: verdict},
		}
		require.Equal(t, verdict == scalerun.Sustained, test.SustainableRate() != nil, verdict)
		test.Verdict = scalerun.Aborted
		require.Nil(t, test.SustainableRate(), verdict)
	}
	require.Nil(t, scalerun.Test{Verdict: scalerun.OK}.SustainableRate())
}
