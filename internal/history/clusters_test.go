package history

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Two clusters may each have a job of the same name. Entries of one job are never
// listed for the other.
func TestListingsTellClustersApart(t *testing.T) {
	s := openNew(t)
	var ms []episode.Measurement
	for n := range 6 {
		m := newMeasurement(n, "orders")
		m.Cluster = []string{"eu", "us", "us"}[n%3]
		ms = append(ms, m)
		e := newEpisode(n, "orders", episode.Opened)
		e.Alert.Cluster = m.Cluster
		require.NoError(t, s.PutEpisode(e))
		_, err := s.PutEpoch(episode.Epoch{Key: idAt(n), Cluster: m.Cluster, Job: "orders", Began: minute(n)})
		require.NoError(t, err)
	}
	require.NoError(t, s.PutMeasurement(ms...))

	for name, test := range map[string]struct {
		of    episode.JobRef
		limit int
		want  []string
	}{
		"any":              {episode.JobRef{}, 2, []string{idAt(5), idAt(4)}},
		"a job anywhere":   {episode.JobRef{Job: "orders"}, 4, []string{idAt(5), idAt(4), idAt(3), idAt(2)}},
		"a job of one":     {episode.JobRef{Cluster: "eu", Job: "orders"}, 9, []string{idAt(3), idAt(0)}},
		"the newest there": {episode.JobRef{Cluster: "eu", Job: "orders"}, 1, []string{idAt(3)}},
		"a whole cluster":  {episode.JobRef{Cluster: "us"}, 3, []string{idAt(5), idAt(4), idAt(2)}},
		"none":             {episode.JobRef{Cluster: "asia", Job: "orders"}, 9, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			episodes, err := s.Episodes(test.of, "", test.limit)
			require.NoError(t, err)
			require.Equal(t, test.want, ids(episodes, func(e episode.Episode) string { return e.ID }))
			measured, err := s.Measurements(test.of, "", time.Time{}, time.Time{}, test.limit)
			require.NoError(t, err)
			require.Equal(t, test.want, ids(measured, func(m episode.Measurement) string { return m.ID }))
			epochs, err := s.Epochs(test.of, test.limit)
			require.NoError(t, err)
			require.Equal(t, test.want, ids(epochs, func(e episode.Epoch) string { return e.Key }))
		})
	}
}
