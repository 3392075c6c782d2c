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
)

func TestScaleTestIsShownWhileItRuns(t *testing.T) {
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	live := NewLiveTest()
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
	require.Equal(t, 2, testutil.CollectAndCount(live), "what was found stays")
}

// TestGuideSaysFromHowManyDaysTheLineIs compares a sentence of docs/scaletest.md with the constant.
func TestGuideSaysFromHowManyDaysTheLineIs(t *testing.T) {
	guide, err := os.ReadFile("../../docs/scaletest.md")
	require.NoError(t, err)
	require.Contains(t, string(guide), fmt.Sprintf("through the inputs of\nthe last %d days", reachedDays))
}
