package clusters

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// TestAlertsOnOtherExportersFindTheirJob has one job, "orders enrichment", and alerts as
// Flink's own reporter and other exporters label them.
func TestAlertsOnOtherExportersFindTheirJob(t *testing.T) {
	t.Parallel()
	ours, server := newClusters(t)
	require.NoError(t, ours[0].Poll(t.Context()))
	for name, test := range map[string]struct {
		alert episode.Alert
		by    string
		fault string
	}{
		"its id": {
			alert: episode.Alert{
				Job:    "flink-metrics",
				Labels: episode.JobLabels{ID: server.JobID, Name: "x", Scrape: true},
			},
			by: "the label job_id",
		},
		"its name as the reporter writes it": {
			alert: episode.Alert{
				Job:    "flink-metrics",
				Labels: episode.JobLabels{Name: "orders_enrichment", Scrape: true},
			},
			by: "its name, as Flink's Prometheus reporter writes it",
		},
		"its name in job_name": {alert: episode.Alert{Labels: episode.JobLabels{
			Name:   flinktest.JobName,
			Scrape: true,
		}}},
		"its name in job": {alert: episode.Alert{
			Job:    flinktest.JobName,
			Labels: episode.JobLabels{Scrape: true},
		}},
		"another exporter": {
			alert: episode.Alert{Job: "kafka-exporter", Labels: episode.JobLabels{Scrape: true}},
			by:    "being the only job that runs",
		},
		"nothing": {alert: episode.Alert{Labels: episode.JobLabels{Scrape: true}}},
		"an id that is not here": {
			alert: episode.Alert{Job: "flink-metrics", Labels: episode.JobLabels{ID: "beef", Scrape: true}},
			fault: `there is no job "flink-metrics" (name a job of this Flink: orders enrichment)`,
		},
		"only an id that is not here": {
			alert: episode.Alert{Labels: episode.JobLabels{ID: "beef", Scrape: true}},
			fault: `there is no job with the id "beef" (name a job of this Flink: orders enrichment)`,
		},
		"a job_name that is not here": {
			alert: episode.Alert{Labels: episode.JobLabels{Name: "payments", Scrape: true}},
			fault: `there is no job "payments" (name a job of this Flink: orders enrichment)`,
		},
		"our label, moved aside, of another job": {
			alert: episode.Alert{Job: "payments"},
			fault: `there is no job "payments" (name a job of this Flink: orders enrichment)`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			placed, err := ours.Place(test.alert)
			if test.fault != "" {
				require.EqualError(t, err, test.fault)
				return
			}
			require.NoError(t, err)
			require.Equal(t, flinktest.JobName, placed.Job)
			require.Equal(t, test.by, placed.FoundBy)
		})
	}
}
