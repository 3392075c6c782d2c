package history

import (
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// vertexKey is the key of the index of vertices: the name of a vertex as that of a job in the other
// index.
func vertexKey(vertex string, id ulid.ULID) []byte { return jobKey(vertex, id) }

// addVertices indexes the stored episodes by their vertex.
func addVertices(t *txn) error {
	if err := t.create(bucketEpisodesVertex); err != nil {
		return err
	}
	return t.Bucket([]byte(bucketSummaries)).ForEach(func(id, _ []byte) error {
		e, _, err := summaries.get(t.Tx, ulid.ULID(id))
		if err != nil {
			return err
		}
		return indexVertex(t, ulid.ULID(id), episode.Episode{}, e)
	})
}

// indexVertex moves an episode in the index if its vertex is another one than before.
func indexVertex(t *txn, id ulid.ULID, old, e episode.Episode) error {
	was, is := old.Vertex(), e.Vertex()
	if was != "" && was != is {
		if err := t.delete(bucketEpisodesVertex, vertexKey(was, id)); err != nil {
			return err
		}
	}
	if is == "" {
		return nil
	}
	return t.put(bucketEpisodesVertex, vertexKey(is, id), []byte{})
}

// VertexEpisodes is [Store.Episodes] of the vertices of one name; an empty name is every episode.
func (s *Store) VertexEpisodes(
	vertex string, of episode.JobRef, before string, limit int,
) (out []episode.Episode, err error) {
	w, err := newWindow(of, time.Time{}, time.Time{}, limit).endBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: episodes: %w", err)
	}
	w.vertex = vertex
	err = s.view(func(tx *bbolt.Tx) error {
		out, err = summaries.list(tx, w)
		return err
	})
	return out, err
}
