package results

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

func TestScaleTestIsShownWhileItRuns(t *testing.T) {
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	live := NewLiveTest(unknownEpoch)
	live.now = func() time.Time { return clock }
	require.Zero(t, testutil.CollectAndCount(live))
	require.Nil(t, live.Status())

	rate, latency := 120.5, 0.25
	p := api.ScaleProgress{
		Test: "a", Cluster: "prod", Job: "orders", Label: "base", Intended: 100, Sent: 90, Acknowledged: 80,
		// A sender may repeat a sink, the metrics must not.
		Visible:        []api.SeenAtSink{{Sink: "search", Records: 69}, {Sink: "search", Records: 70}},
		LatencySeconds: &latency, Throughput: &rate, SustainableRate: &rate, Headroom: &latency,
	}
	require.NoError(t, live.Report(p))
	require.Equal(t, &p, live.Status())
	require.NoError(t, testutil.CollectAndCompare(live, strings.NewReader(`
# HELP flink_sidecar_scaletest_records Records of the present iteration of a scale test by state: intended, sent to the producer, acknowledged by Kafka. Of several shards, those of shard 0.
# TYPE flink_sidecar_scaletest_records gauge
flink_sidecar_scaletest_records{cluster="prod",job="orders",state="acknowledged"} 80
flink_sidecar_scaletest_records{cluster="prod",job="orders",state="intended"} 100
flink_sidecar_scaletest_records{cluster="prod",job="orders",state="sent"} 90
# HELP flink_sidecar_scaletest_visible_records Records of the present iteration of a scale test that a sink shows. Of several shards, those of shard 0.
# TYPE flink_sidecar_scaletest_visible_records gauge
flink_sidecar_scaletest_visible_records{cluster="prod",job="orders",sink="search"} 70
`), "flink_sidecar_scaletest_records", "flink_sidecar_scaletest_visible_records"))

	other := p
	other.Test = "b"
	require.ErrorContains(t, live.Report(other), "another scale test is under way: label base of job orders")
	clock = clock.Add(silentFor)
	require.NoError(t, live.Report(other), "a test whose process is silent is over")
	other.Ended = true
	require.NoError(t, live.Report(other))
	require.Nil(t, live.Status())
	require.Equal(t, 3, testutil.CollectAndCount(live), "what was found stays")
}

// TestARateOfAnotherEpochIsOutdated: it stays with its time, and promises nothing of the new job.
func TestARateOfAnotherEpochIsOutdated(t *testing.T) {
	epoch := "e1"
	live := NewLiveTest(func(episode.JobRef) string { return epoch })
	found := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	live.now = func() time.Time { return found }
	rate, headroom := 300.0, 1.5
	p := api.ScaleProgress{Test: "a", Cluster: "c", Job: "orders", SustainableRate: &rate, Headroom: &headroom}
	require.NoError(t, live.Report(p))
	live.now = func() time.Time { return found.Add(time.Minute) }
	require.NoError(t, live.Report(p))
	of := episode.JobRef{Cluster: "c", Job: "orders"}
	live.foresee(of, stat.Breach{Point: 86400, Low: 1, High: 2}, true)
	count := func(name string) int { return testutil.CollectAndCount(live, "flink_sidecar_scaletest_"+name) }
	stale := func(want int) {
		t.Helper()
		require.NoError(t, testutil.CollectAndCompare(live, strings.NewReader(fmt.Sprintf(`
# HELP flink_sidecar_scaletest_sustainable_outdated 1 if the job runs in another epoch than the one whose sustainable rate was found, so that the rate is that of an older job; 0 if not. Absent while either epoch is unknown.
# TYPE flink_sidecar_scaletest_sustainable_outdated gauge
flink_sidecar_scaletest_sustainable_outdated{cluster="c",job="orders"} %d
# HELP flink_sidecar_scaletest_sustainable_timestamp_seconds When the sustainable rate of a job was found.
# TYPE flink_sidecar_scaletest_sustainable_timestamp_seconds gauge
flink_sidecar_scaletest_sustainable_timestamp_seconds{cluster="c",job="orders"} 1.7723664e+09
`, want)), "flink_sidecar_scaletest_sustainable_outdated", "flink_sidecar_scaletest_sustainable_timestamp_seconds"))
	}
	stale(0)
	require.Equal(t, 1, count("headroom_ratio"))
	require.Equal(t, 3, count("reached_seconds"))
	epoch = "e2"
	stale(1)
	require.Equal(t, 1, count("sustainable_records_per_second"))
	require.Zero(t, count("headroom_ratio"))
	require.Zero(t, count("reached_seconds"), "the alert FlinkSidecarSustainableRate has nothing to fire from")
	epoch = ""
	require.Zero(t, count("sustainable_outdated"))
	require.Equal(t, 1, count("headroom_ratio"), "an unknown epoch is not another one")
}

// TestAStoredRateHasItsTimeAndEpoch after a restart.
func TestAStoredRateHasItsTimeAndEpoch(t *testing.T) {
	rate, ended := 300.0, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	found, ok := foundIn(scalerun.Test{
		ID: "a", EpochKey: "e1", Ended: ended, Verdict: scalerun.OK,
		Sustainable: &scalerun.Sustainable{Rate: &rate, Verdict: scalerun.Sustained},
	})
	require.True(t, ok)
	require.Equal(t, foundRate{300, "a", ended, "e1"}, found)
	live := NewLiveTest(func(episode.JobRef) string { return "e2" })
	live.restore(episode.JobRef{Job: "orders"}, found)
	require.Equal(t, map[episode.JobRef]bool{{Job: "orders"}: true}, live.outdated())
	require.Equal(t, &api.FoundRate{Rate: 300, FoundAt: ended, Outdated: new(true)}, live.Sustainable(episode.JobRef{Job: "orders"}))
	require.Nil(t, live.Sustainable(episode.JobRef{Job: "another"}), "no search has found one")
	live.epoch = unknownEpoch
	require.Nil(t, live.Sustainable(episode.JobRef{Job: "orders"}).Outdated, "unknown is not outdated")
}

// TestGuideSaysFromHowManyDaysTheLineIs compares a sentence of docs/scaletest.md with the constant.
func TestGuideSaysFromHowManyDaysTheLineIs(t *testing.T) {
	guide, err := os.ReadFile("../../docs/scaletest.md")
	require.NoError(t, err)
	require.Contains(t, string(guide), fmt.Sprintf("through the inputs of\nthe last %d days", reachedDays))
}
