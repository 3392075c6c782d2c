package clusters

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

func TestAlertsFindTheirCluster(t *testing.T) {
	t.Parallel()
	eu, us := flinktest.New(t, flinktest.Flink23), flinktest.New(t, flinktest.Flink120)
	us.AddJob("00000000000000000000000000000001", "payments", time.Now().UnixMilli())
	eu.LoseTaskManager("tm1")
	both := Clusters{newCluster(t, "eu", eu.URL), newCluster(t, "us", us.URL)}

	require.NoError(t, both[0].Poll(t.Context()))
	_, err := both.Place(episode.Alert{Job: "payments"})
	require.ErrorIs(t, err, ErrNotLooked, "it may be in a cluster without a poll so far")
	for _, alert := range []episode.Alert{
		{}, {Job: flinktest.JobName}, {Process: "tm1"}, {Process: "jobmanager"},
	} {
		_, err := both.Place(alert)
		require.ErrorIs(t, err, ErrNotLooked, "%+v may be about the other cluster", alert)
	}
	for _, alert := range []episode.Alert{
		{Labels: episode.JobLabels{ID: eu.JobID}}, {Process: "tm2"}, {Cluster: "eu", Job: flinktest.JobName},
	} {
		placed, err := both.Place(alert)
		require.NoError(t, err)
		require.Equal(t, episode.JobRef{Cluster: "eu", Job: flinktest.JobName}, placed.JobRef())
	}
	require.NoError(t, both[1].Poll(t.Context()))

	const process = "tm1"
	for name, test := range map[string]struct {
		alert episode.Alert
		want  episode.JobRef
		fault string
	}{
		"of one cluster": {
			alert: episode.Alert{Job: "payments"},
			want:  episode.JobRef{Cluster: "us", Job: "payments"},
		},
		"with a cluster": {
			alert: episode.Alert{Cluster: "eu", Job: flinktest.JobName},
			want:  episode.JobRef{Cluster: "eu", Job: flinktest.JobName},
		},
		"the only one there": {
			alert: episode.Alert{Cluster: "eu"},
			want:  episode.JobRef{Cluster: "eu", Job: flinktest.JobName},
		},
		"of Kubernetes": {
			alert: episode.Alert{Cluster: "k8s", Job: "payments"},
			want:  episode.JobRef{Cluster: "us", Job: "payments"},
		},
		"a process": {alert: episode.Alert{Process: process}, want: episode.JobRef{Cluster: "us"}},
		"a JobManager": {
			alert: episode.Alert{Process: "jobmanager", Cluster: "eu"},
			want:  episode.JobRef{Cluster: "eu", Job: flinktest.JobName},
		},
		"of several": {
			alert: episode.Alert{Job: flinktest.JobName},
			fault: `several clusters have it: a job "orders enrichment" (name one of the clusters eu, us)`,
		},
		"some JobManager": {
			alert: episode.Alert{Process: "jobmanager"},
			fault: `several clusters have it: a process "jobmanager" (name one of the clusters eu, us)`,
		},
		"in the other": {
			alert: episode.Alert{Cluster: "eu", Job: "payments"},
			fault: `there is no job "payments" (name a job of this Flink: orders enrichment)`,
		},
		"nowhere": {
			alert: episode.Alert{Job: "x"},
			fault: `there is no job "x" (name a job of this Flink: orders enrichment on eu, orders enrichment on us, payments on us)`,
		},
		"a process nowhere": {
			alert: episode.Alert{Process: "x"},
			fault: `no cluster has a TaskManager "x" (the label process must be a TaskManager's id, or jobmanager)`,
		},
		"nothing named": {
			alert: episode.Alert{},
			fault: `3 jobs run (name one: orders enrichment on eu, orders enrichment on us, payments on us)`,
		},
		"a person's wrong name": {alert: episode.Alert{
			Cluster: "k8s", Rule: episode.RuleAsked,
			Source: episode.FromCLI,
		}, fault: `there is no cluster "k8s" (name one of: eu, us)`},
		"an alert of both labels": {
			alert: episode.Alert{Cluster: "us", Job: "payments", Process: process},
			want:  episode.JobRef{Cluster: "us", Job: "payments"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			placed, err := both.Place(test.alert)
			if test.fault != "" {
				require.EqualError(t, err, test.fault)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, placed.JobRef())
		})
	}

	eu.ForgetJobs()
	require.NoError(t, both[0].Poll(t.Context()))
	placed, err := both.Place(episode.Alert{Job: flinktest.JobName})
	require.NoError(t, err, "one that is gone steps back")
	require.Equal(t, "us", placed.Cluster)
}
