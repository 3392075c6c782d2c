package report

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestMeasurementTable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, Measurement(&out, episode.Measurement{
		Hops: []episode.Hop{
			{Name: "acknowledged", Count: 4, P50: 0.0021234, P99: 0.01, Max: 0.01},
			{Name: "visible", Count: 3, P50: 1.2345, P99: 65, Max: 65},
			{Name: "alerts"},
		},
		IngestedUpperBound: &episode.UpperBound{Count: 2, P50: 4.5, P99: 15, Max: 15, Resolution: 14.875},
		Accounts: []episode.Account{{
			Sink: "search", Intended: 4,
			Outcomes: map[episode.RecordOutcome]int64{episode.OnTime: 3, episode.Lost: 1},
		}},
		Warnings: []string{"the job restarted during the round"},
	}))
	require.Equal(t, strings.Join([]string{
		"           hop  records     p50   p99   max",
		"  acknowledged        4  2.12ms  10ms  10ms",
		"       visible        3   1.23s  1m5s  1m5s",
		"        alerts        0       -     -     -",
		"",
		"read by the job at the latest after: p50 4.5s, p99 15s, max 15s (2 records; upper bounds, each at most 14.88s " +
			"too high)",
		"",
		"    sink  intended  not_sent  produce_failed  pending  on_time  late  lost",
		"  search         4         0               0        0        3     0     1",
		"",
		"warning: the job restarted during the round",
		"",
	}, "\n"), out.String())
}

func TestEpisodesTableKeepsOneLineEach(t *testing.T) {
	t.Parallel()
	throughput := 102.4
	var out strings.Builder
	require.NoError(t, Episodes(&out, []episode.Episode{
		{
			ID: "01B", Opened: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), State: episode.Done,
			Alert: episode.Alert{Rule: "probe-round", Source: episode.FromCLI, Job: "orders\nenrichment"},
			Measurement: &episode.Measurement{
				Throughput: &throughput,
				Hops:       []episode.Hop{{Name: "visible", Count: 1, P50: 1.5}},
			},
		},
		{
			ID: "01A", Opened: time.Unix(0, 0), State: episode.Failed,
			Alert: episode.Alert{Rule: "probe-round", Source: episode.FromAPI}, Error: "no broker answers",
		},
	}))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 3)
	require.Equal(t, "01B      2026-01-02T03:04:05Z  probe-round  cli     orders enrichment  done    102 "+
		"records/s, visible p50 1.5s", lines[1])
	require.NotContains(t, lines[1], " on ", "one cluster needs no name")
	require.Equal(t, "01A      1970-01-01T00:00:00Z  probe-round  api     -                  failed  no broker "+
		"answers", lines[2])
}

func TestEpisodesTableNamesTheClusters(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, Episodes(&out, []episode.Episode{
		{
			ID: "01B", State: episode.Done,
			Alert: episode.Alert{Rule: "lag", Source: episode.FromCLI, Cluster: "eu", Job: "orders"},
		},
		{
			ID: "01A", State: episode.Done,
			Alert: episode.Alert{Rule: "lag", Source: episode.FromCLI, Cluster: "us", Job: "orders"},
		},
	}))
	require.Contains(t, out.String(), "orders on eu")
	require.Contains(t, out.String(), "orders on us")
}
