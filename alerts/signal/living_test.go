package signal

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestWhatASeriesShowsToBeKnown(t *testing.T) {
	orders := snapshot.Labels{Cluster: "c", Job: "orders"}
	for name, tc := range map[string]struct {
		series Series
		of     snapshot.Labels
		ended  bool
	}{
		"a value of a job": {series: Series{Name: "flink_job_headroom_ratio"}, of: orders},
		"a running job":    {series: Series{Name: stateMetric, Labels: map[string]string{"state": "RUNNING"}}, of: orders},
		"a job that ended": {
			series: Series{Name: stateMetric, Labels: map[string]string{"state": "FINISHED"}}, of: orders, ended: true,
		},
		"a job that is gone": {
			series: Series{Name: stateMetric, Labels: map[string]string{"state": snapshot.Gone}}, of: orders, ended: true,
		},
		"what stays of a job": {series: Series{Name: infoMetric}},
		"no signal":           {series: Series{Name: "flink_job_tasks"}},
		"a TaskManager": {
			series: Series{Name: slotsMetric, Labels: map[string]string{"taskmanager": "tm-1"}},
			of:     snapshot.Labels{Cluster: "c", Process: "tm-1"},
		},
		"the probe": {series: Series{Name: "flink_sidecar_probe_records_total", Labels: map[string]string{"cluster": ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			labels := map[string]string{"cluster": "c", "job": "orders"}
			maps.Copy(labels, tc.series.Labels)
			tc.series.Labels = labels
			of, ended, ok := Living(tc.series)
			require.Equal(t, tc.of != snapshot.Labels{}, ok)
			require.Equal(t, tc.of, of)
			require.Equal(t, tc.ended, ended)
		})
	}
}

func TestSignalsThatAreUsuallyZero(t *testing.T) {
	var found []snapshot.Signal
	for _, row := range Table() {
		if row.UsuallyZero() {
			found = append(found, row.Name)
		}
	}
	require.ElementsMatch(t, []snapshot.Signal{
		"checkpoint-failures", "pending-records", "backpressure-spread", "restarts", "probe-late", "probe-lost", "late-records",
	}, found)
}
