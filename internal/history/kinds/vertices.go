package kinds

import (
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// vertexKey is the key of the index of vertices: the name of a vertex as that of a job in the other
// index.
func vertexKey(vertex string, id ulid.ULID) []byte { return ledger.JobKey(vertex, id) }

// AddVertices indexes the stored episodes by their vertex.
func AddVertices(t *ledger.Txn) error {
	if err := t.Create(ledger.BucketEpisodesVertex); err != nil {
		return err
	}
	return t.Bucket([]byte(ledger.BucketSummaries)).ForEach(func(id, _ []byte) error {
		e, _, err := Summaries.Get(t.Tx, ulid.ULID(id))
		if err != nil {
			return err
		}
		return indexVertex(t, ulid.ULID(id), episode.Episode{}, e)
	})
}

// indexVertex moves an episode in the index if its vertex is another one than before.
func indexVertex(t *ledger.Txn, id ulid.ULID, old, e episode.Episode) error {
	was, is := old.Vertex(), e.Vertex()
	if was != "" && was != is {
		if err := t.Delete(ledger.BucketEpisodesVertex, vertexKey(was, id)); err != nil {
			return err
		}
	}
	if is == "" {
		return nil
	}
	return t.Put(ledger.BucketEpisodesVertex, vertexKey(is, id), []byte{})
}

// VertexEpisodes is [Entries.Episodes] of the vertices of one name; an empty name is every episode.
func (s *Entries) VertexEpisodes(
	vertex string, of episode.JobRef, before string, limit int,
) (out []episode.Episode, err error) {
	w, err := s.window(of, time.Time{}, time.Time{}, limit).EndBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: episodes: %w", err)
	}
	w.Vertex = vertex
	err = s.file.View(func(tx *bbolt.Tx) error {
		out, err = Summaries.List(tx, w)
		return err
	})
	return out, err
}
