package clusters

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// newClusters are one cluster without a poll so far.
func newClusters(t *testing.T) (Clusters, *flinktest.Server) {
	t.Helper()
	server := flinktest.New(t, flinktest.Flink23)
	return Clusters{newCluster(t, "ours", server.URL)}, server
}

// newCluster is a cluster that was not looked at yet.
func newCluster(t *testing.T, name, url string) *Cluster {
	t.Helper()
	cfg := flink.DefaultConfig()
	cfg.URL, cfg.Cluster = url, name
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return &Cluster{
		Collector: collector.New(collector.DefaultConfig(), client, slog.New(slog.DiscardHandler)),
		Flink:     client,
	}
}

func TestAlertsFindTheirJob(t *testing.T) {
	t.Parallel()
	ours, server := newClusters(t)
	_, err := ours.Place(episode.Alert{Job: flinktest.JobName})
	require.ErrorIs(t, err, ErrNotLooked, "it may be there: let it be sent again")

	require.NoError(t, ours[0].Poll(t.Context()))
	for name, test := range map[string]struct {
		alert episode.Alert
		job   string
		fault string
	}{
		"named": {alert: episode.Alert{Job: flinktest.JobName}, job: flinktest.JobName},
		"named, from another cluster": {
			alert: episode.Alert{Job: flinktest.JobName, Cluster: "kubernetes"},
			job:   flinktest.JobName,
		},
		"not named, and only one runs": {alert: episode.Alert{}, job: flinktest.JobName},
		"about a process":              {alert: episode.Alert{Process: "tm1"}, job: flinktest.JobName},
		"another's": {
			alert: episode.Alert{Job: "kafka-exporter"},
			fault: `there is no job "kafka-exporter" (name a job of this Flink: orders enrichment)`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			placed, err := ours.Place(test.alert)
			if test.fault != "" {
				require.EqualError(t, err, test.fault)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.job, placed.Job)
			require.Equal(t, "ours", placed.Cluster)
		})
	}

	server.AddJob("00000000000000000000000000000001", "payments", time.Now().UnixMilli())
	require.NoError(t, ours[0].Poll(t.Context()))
	_, err = ours.Place(episode.Alert{})
	require.EqualError(t, err, "2 jobs run (name one: orders enrichment, payments)")
	placed, err := ours.Place(episode.Alert{Process: "tm1"})
	require.NoError(t, err, "a process is worth a profile, whosever it is")
	require.Empty(t, placed.Job)

	server.ForgetJobs()
	require.NoError(t, ours[0].Poll(t.Context()))
	_, err = ours.Place(episode.Alert{})
	require.EqualError(t, err, "no job runs (submit one)")
	_, err = ours.Place(episode.Alert{Job: flinktest.JobName})
	require.NoError(t, err, "a job that is gone is still ours")
}
