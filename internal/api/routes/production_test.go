package routes_test

import (
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// TestTableOfEpochs: two epochs of two days and more than a page of measurements.
func TestTableOfEpochs(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) { s.ScaleTests = s.Episodes.(routes.ScaleTests) })
	began := time.Now().UTC().Truncate(time.Hour).Add(-40 * time.Hour)
	for i, key := range []string{"aaaa1", "bbbb2"} {
		e := episode.Epoch{Key: key, Cluster: "prod", Job: "orders", Began: began.Add(time.Duration(20*i) * time.Hour)}
		_, err := s.store.PutEpoch(e)
		require.NoError(t, err)
		var ms []episode.Measurement
		for n := range 20 * 60 {
			at := e.Began.Add(time.Duration(n) * time.Minute)
			capacity := (1000 + 300*float64(i)) * (1 + 0.02*math.Sin(float64(n/30)))
			ms = append(ms, episode.Measurement{
				ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), Kind: episode.KindWindow, Cluster: "prod",
				Job: "orders", EpochKey: key, Began: at, Ended: at.Add(time.Minute), Throughput: new(100.0), Capacity: &capacity,
			})
		}
		require.NoError(t, s.store.PutMeasurement(ms...))
	}
	table, err := s.client.ProductionTable(t.Context(), episode.JobRef{}, "aaaa", "")
	require.NoError(t, err)
	require.Len(t, table.Rows, 2)
	require.Equal(t, outcome.Better, table.Rows[1].Verdict)
	require.Equal(t, 40, *table.Rows[1].Deployments, "blocks of 30 minutes")
	table, err = s.client.ProductionTable(t.Context(), episode.JobRef{}, began.Format(time.RFC3339), "2h")
	require.NoError(t, err)
	require.Equal(t, 10, *table.Rows[0].Deployments)

	var failure *api.Error
	_, err = s.client.ProductionTable(t.Context(), episode.JobRef{}, "nothing", "")
	require.ErrorAs(t, err, &failure)
	require.Equal(t, http.StatusNotFound, failure.Status)
	_, err = s.client.ProductionTable(t.Context(), episode.JobRef{}, "aaaa", "1s")
	require.ErrorAs(t, err, &failure)
	require.Equal(t, http.StatusBadRequest, failure.Status)
}
