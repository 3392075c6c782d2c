package advisor

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestPublishedFindings(t *testing.T) {
	a, err := New(DefaultConfig(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	a.Publish(episode.JobRef{Cluster: "lab", Job: "orders"}, "enrich", episode.Advice{Findings: []episode.Finding{
		{
			Category: cause.BlockingIO, Rank: 1, Impact: &episode.Impact{LowPercent: 50, HighPercent: 100},
			Source: "rule:blocking-calls",
		},
		{Category: cause.StateGrowth, Rank: 2, Source: "rule:state-growth"},
	}})
	a.Publish(episode.JobRef{Cluster: "lab", Job: "orders"}, "enrich", episode.Advice{Findings: []episode.Finding{
		{Category: cause.GenericSerialization, Rank: 1, Impact: &episode.Impact{
			LowPercent:  10,
			HighPercent: 41.5,
		}, Source: "rule:kryo"},
	}})
	require.NoError(t, testutil.CollectAndCompare(a.Collector(), strings.NewReader(`
# HELP flink_sidecar_finding_impact_ratio Upper bound of the gain in throughput that the finding's evidence allows, as a ratio: 0.4 is 40 % more.
# TYPE flink_sidecar_finding_impact_ratio gauge
flink_sidecar_finding_impact_ratio{category="generic-serialization",cluster="lab",job="orders",rank="1",source="rule:kryo",vertex="enrich"} 0.415
`), "flink_sidecar_finding_impact_ratio"))
	problems, err := testutil.CollectAndLint(a.Collector())
	require.NoError(t, err)
	require.Empty(t, problems)
	// Every series is there from the start.
	require.Equal(t, 9, testutil.CollectAndCount(a.Collector(), "flink_sidecar_llm_requests_total"))
	require.Equal(t, 12, testutil.CollectAndCount(a.Collector(), "flink_sidecar_llm_rejections_total"))
}

// TestFindingsOfManyJobsAreBounded has a job that is submitted under a new name each time.
func TestFindingsOfManyJobsAreBounded(t *testing.T) {
	a, err := New(DefaultConfig(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	advice := episode.Advice{Findings: []episode.Finding{{Category: cause.BlockingIO, Rank: 1, Impact: &episode.Impact{}}}}
	for n := range 3 * maxJobs {
		a.Publish(episode.JobRef{Cluster: "lab", Job: fmt.Sprint("job ", n)}, "v", advice)
		a.Publish(episode.JobRef{Cluster: "lab", Job: "stays"}, "v", advice)
	}
	require.Equal(t, maxJobs, testutil.CollectAndCount(a.Collector(), "flink_sidecar_finding_impact_ratio"))
	require.Contains(t, a.metrics.latest, episode.JobRef{Cluster: "lab", Job: "stays"})
}
