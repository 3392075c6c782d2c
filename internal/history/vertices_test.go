package history

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
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
		require.Equal(t, 3, tx.Bucket([]byte(ledger.BucketEpisodesVertex)).Inspect().KeyN)
		return nil
	}))
}

// TestEpisodesOfAVertexOfAJob compares the list with a search through all episodes.
func TestEpisodesOfAVertexOfAJob(t *testing.T) {
	s := openNew(t)
	random := rand.New(rand.NewPCG(3, 4))
	var all []episode.Episode // newest first
	for i := range 80 {
		e := newEpisode(i, []string{"orders", "billing", "rare"}[min(random.IntN(4)*random.IntN(2), 2)], episode.Opened)
		e.Alert.Vertex = []string{"v1", "v2"}[random.IntN(2)]
		require.NoError(t, s.PutEpisode(e))
		all = slices.Insert(all, 0, e)
	}
	for range 200 {
		vertex, job := []string{"v1", "v2", "v3"}[random.IntN(3)], []string{"orders", "billing", "rare"}[random.IntN(3)]
		before, limit := random.IntN(90), 1+random.IntN(10)
		want := []string{}
		for _, e := range all {
			if e.Alert.Vertex == vertex && e.Alert.Job == job && e.ID < idAt(before) && len(want) < limit {
				want = append(want, e.ID)
			}
		}
		found, err := s.VertexEpisodes(vertex, episode.JobRef{Job: job}, idAt(before), limit)
		require.NoError(t, err)
		require.Equal(t, want, ids(found, func(e episode.Episode) string { return e.ID }), "%s of %s", vertex, job)
	}
}

// TestOtherJobsAreNotRead: the episodes of other jobs with a vertex of the same name cost nothing. Here
// they cannot be read.
func TestOtherJobsAreNotRead(t *testing.T) {
	s := openNew(t)
	for i := range 10 {
		e := newEpisode(i, []string{"orders", "billing"}[i%2], episode.Opened)
		e.Alert.Vertex = "v1"
		require.NoError(t, s.PutEpisode(e))
	}
	require.NoError(t, s.update(func(t *ledger.Txn) error {
		for i := 1; i < 10; i += 2 {
			id := ulid.MustParse(idAt(i))
			if err := t.Put(ledger.BucketSummaries, id[:], []byte("{")); err != nil {
				return err
			}
		}
		return nil
	}))
	found, err := s.VertexEpisodes("v1", episode.JobRef{Job: "orders"}, "", 3)
	require.NoError(t, err)
	require.Equal(t, []string{idAt(8), idAt(6), idAt(4)}, ids(found, func(e episode.Episode) string { return e.ID }))
	_, err = s.VertexEpisodes("v1", episode.JobRef{Job: "billing"}, "", 3)
	require.Error(t, err)
}
