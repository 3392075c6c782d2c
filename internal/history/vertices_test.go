package history

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestEpisodesOfAVertex: the index follows an episode whose vertex becomes known, and forgets one that
// is dropped.
func TestEpisodesOfAVertex(t *testing.T) {
	s := openNew(t)
	for i := range 6 {
		e := newEpisode(i, []string{"orders", "billing"}[i%2], episode.Opened)
		e.Alert.Vertex = "v1"
		require.NoError(t, s.PutEpisode(e))
		if i > 2 {
			e.State, e.Target = episode.Done, &episode.Target{Vertex: "v1", VertexName: "Enrich"}
		}
		require.NoError(t, s.PutEpisode(e))
	}
	of := func(vertex string, of episode.JobRef, before string, limit int) []string {
		t.Helper()
		found, err := s.VertexEpisodes(vertex, of, before, limit)
		require.NoError(t, err)
		return ids(found, func(e episode.Episode) string { return e.ID })
	}
	require.Equal(t, []string{idAt(2), idAt(1), idAt(0)}, of("v1", episode.JobRef{}, "", 0))
	require.Equal(t, []string{idAt(5), idAt(4), idAt(3)}, of("Enrich", episode.JobRef{}, "", 0))
	require.Equal(t, []string{idAt(5), idAt(3)}, of("Enrich", episode.JobRef{Job: "billing"}, "", 0))
	require.Equal(t, []string{idAt(4)}, of("Enrich", episode.JobRef{}, idAt(5), 1))
	require.Len(t, of("", episode.JobRef{}, "", 0), 6)
	require.Empty(t, of("none", episode.JobRef{}, "", 0))

	s.Now = func() time.Time { return start.Add(5 * 365 * 24 * time.Hour) }
	dropped, err := s.Sweep(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, dropped, "the others are unfinished")
	require.Empty(t, of("Enrich", episode.JobRef{}, "", 0))
	require.NoError(t, s.view(func(tx *bbolt.Tx) error {
		require.Equal(t, 3, tx.Bucket([]byte(bucketEpisodesVertex)).Inspect().KeyN)
		return nil
	}))
}
