package app

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// newIntake is a router for a cluster without a poll so far.
func newIntake(t *testing.T) (*router, *flinktest.Server) {
	t.Helper()
	server := flinktest.New(t, flinktest.Flink23)
	return &router{clusters: clusters{newCluster(t, "ours", server.URL)}, log: slog.New(slog.DiscardHandler)}, server
}

// newCluster is a cluster that was not looked at yet.
func newCluster(t *testing.T, name, url string) *cluster {
	t.Helper()
	cfg := flink.DefaultConfig()
	cfg.URL, cfg.Cluster = url, name
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return &cluster{
		Collector: collector.New(collector.DefaultConfig(), client, slog.New(slog.DiscardHandler)),
		flink:     client,
	}
}

func TestAlertsFindTheirJob(t *testing.T) {
	t.Parallel()
	i, server := newIntake(t)
	_, err := i.place(episode.Alert{Job: flinktest.JobName})
	require.ErrorIs(t, err, errNotLooked, "it may be there: let it be sent again")

	require.NoError(t, i.clusters[0].Poll(t.Context()))
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
			placed, err := i.place(test.alert)
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
	require.NoError(t, i.clusters[0].Poll(t.Context()))
	_, err = i.place(episode.Alert{})
	require.EqualError(t, err, "2 jobs run (name one: orders enrichment, payments)")
	placed, err := i.place(episode.Alert{Process: "tm1"})
	require.NoError(t, err, "a process is worth a profile, whosever it is")
	require.Empty(t, placed.Job)

	server.ForgetJobs()
	require.NoError(t, i.clusters[0].Poll(t.Context()))
	_, err = i.place(episode.Alert{})
	require.EqualError(t, err, "no job runs (submit one)")
	_, err = i.place(episode.Alert{Job: flinktest.JobName})
	require.NoError(t, err, "a job that is gone is still ours")
}

func TestWhoeverAsksIsTold(t *testing.T) {
	t.Parallel()
	i, _ := newIntake(t)
	_, err := i.Raise(episode.Alert{})
	var failure *api.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, 503, failure.Status)
	require.NoError(t, i.clusters[0].Poll(t.Context()))
	_, err = i.Raise(episode.Alert{Job: "none"})
	require.ErrorAs(t, err, &failure)
	require.Equal(t, 400, failure.Status)
}
