package web

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// twoClusters is a status of two clusters that each have a job of one name.
func twoClusters() api.Status {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return api.Status{
		At: at,
		Clusters: []api.Cluster{
			{
				Name: "eu", FlinkVersion: "2.3.0", TaskManagers: new(2), Slots: new(4), SlotsFree: new(0),
				Polled: at.Add(-5 * time.Second), Up: new(true),
			},
			{Name: "us", Polled: at.Add(-5 * time.Minute), Up: new(false), MetricsFrozen: true},
		},
		Targets: []api.Target{
			{Name: "flink", Cluster: "eu", Up: new(true)},
			{Name: "flink", Cluster: "us", Up: new(false), Problems: []string{"refused (start it)"}},
		},
		Jobs: []api.Job{{Cluster: "eu", Name: "orders", State: "RUNNING"}, {Cluster: "us", Name: "orders"}},
		Trends: []api.Trend{
			{Rule: "heap", Cluster: "eu", Process: "tm-1", Unit: "bytes"},
			{Rule: "heap", Cluster: "us", Process: "tm-1", Unit: "bytes", Firing: true, Summary: "it fills up"},
		},
		Unwatched: []api.Unwatched{
			{Rule: "rocksdb-size", Cluster: "eu", State: "unseen", Why: "no sample of <b> so far"},
			{Rule: "headroom", Cluster: "us", State: "waiting", Why: "3 of 20 samples so far"},
		},
		Probe: &api.Probe{Cluster: "us", Job: "orders", Topic: "in"},
	}
}

// ofEachCluster has a row for each cluster it is asked about.
type ofEachCluster struct{ emptyHistory }

func (ofEachCluster) Measurements(of episode.JobRef, _ string, _, _ time.Time, _ int) ([]episode.Measurement, error) {
	if of.Cluster == "" {
		return []episode.Measurement{{Kind: "window", Cluster: "us", Job: "orders"}}, nil
	}
	rate := map[string]float64{"eu": 100, "us": 200}[of.Cluster]
	m := episode.Measurement{Kind: episode.KindWindow, Throughput: &rate}
	return []episode.Measurement{m, m}, nil
}

func (ofEachCluster) Episodes(episode.JobRef, string, int) ([]episode.Episode, error) {
	return []episode.Episode{{
		ID:    "01M83DDNZGK8E1D5PAN1X9TXPT",
		Alert: episode.Alert{Rule: "heap", Cluster: "us", Job: "orders", Process: "tm-1"},
	}}, nil
}

func TestSeveralClustersAreNamedEverywhere(t *testing.T) {
	page := render(t, twoClusters(), ofEachCluster{})
	require.Equal(t, [][]string{
		{"eu", "up", "2.3.0", "2", "0", "4", "5 s ago"},
		{"us", "down", "unknown", "unknown", "unknown", "unknown", "5 min ago"},
	}, rows(t, page, "summary"))
	require.Contains(t, text(element(t, page, "summary")), "Jobs 1 of 2 running, 1 unknown")
	jobs := text(element(t, page, "jobs"))
	require.Contains(t, jobs, "orders on eu RUNNING")
	require.Contains(t, jobs, "orders on us unknown")
	require.Contains(t, jobs, "100/s to 100/s")
	require.Contains(t, jobs, "200/s to 200/s", "each job's own past")
	notices := text(element(t, page, "notices"))
	require.Contains(t, notices, "flink of us is down: refused (start it)")
	require.Contains(t, notices, "us: heap is firing on tm-1: it fills up its episode")
	require.Contains(t, notices, "us: Flink's metrics stand still")
	require.Contains(t, text(element(t, page, "trends")), "heap us, tm-1")
	require.Contains(t, text(element(t, page, "trends")), "2 rules watch nothing RuleWhy it cannot fire "+
		"rocksdb-size on euno sample of <b> so far headroom on us3 of 20 samples so far")
	require.Contains(t, text(element(t, page, "probe")), "through orders on us, from")
	require.Contains(t, text(element(t, page, "measurements")), "orders on us")
	require.Contains(t, text(element(t, page, "episodes")), "orders on us")
}

func TestOneClusterNeedsNoName(t *testing.T) {
	s := twoClusters()
	s.Clusters, s.Jobs, s.Trends = s.Clusters[:1], s.Jobs[:1], s.Trends[:1]
	s.Cluster = &s.Clusters[0]
	page := render(t, s, emptyHistory{})
	require.Contains(t, text(element(t, page, "summary")),
		"eu Flink 2.3.0 2 TaskManagers 0 of 4 slots free metrics read 5 s ago")
	require.NotContains(t, text(element(t, page, "jobs")), "on eu")
}
