package history

import (
	"fmt"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Advised shows the findings of episodes to look, newest first, until it returns false: of
// those whose job matches of, and that are older than the episode with the id before unless
// before is empty. look must not write to the history.
func (s *Store) Advised(of episode.JobRef, before string, look func(episode.Advised) bool) error {
	w, err := newWindow(of, time.Time{}, time.Time{}, 0).endBefore(before)
	if err != nil {
		return fmt.Errorf("history: episodes: %w", err)
	}
	err = s.do(func(h *handle) (bool, error) {
		known := h.advised.begin()
		began, err := h.view(func(tx *bbolt.Tx) error {
			for id := range summaries.backwards(tx, w) {
				e, err := known.get(tx, id)
				if err != nil {
					return err
				}
				if of.Takes(e.Of) && !look(e) {
					return nil
				}
			}
			return nil
		})
		return !began, err
	})
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

// maxAdvised bounds the findings that are kept in memory, in bytes: some 15,000 of them.
const maxAdvised = 16 << 20

// advisedCache keeps decoded findings: a dashboard asks for the same ones again and again,
// and few of them change. It belongs to one open file.
type advisedCache struct {
	mu      sync.Mutex
	entries map[ulid.ULID]episode.Advised
	size    int
	// changes counts the transactions that changed episodes.
	changes uint64
}

// forget drops the episodes that a transaction has changed. It is called after the commit, so
// that no reader of an older state adds them again.
func (c *advisedCache) forget(ids []ulid.ULID) {
	if len(ids) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	for _, id := range ids {
		if e, ok := c.entries[id]; ok {
			c.size -= e.Size()
			delete(c.entries, id)
		}
	}
}

// begin returns a reader for a transaction that begins after it.
func (c *advisedCache) begin() *advisedReader {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &advisedReader{cache: c, changes: c.changes}
}

// advisedReader uses the cache during one transaction.
type advisedReader struct {
	cache   *advisedCache
	changes uint64
}

// get returns an episode from the cache, or else from the file.
func (r *advisedReader) get(tx *bbolt.Tx, id ulid.ULID) (episode.Advised, error) {
	r.cache.mu.Lock()
	e, ok := r.cache.entries[id]
	same := r.cache.changes == r.changes
	r.cache.mu.Unlock()
	if ok && same {
		return e, nil
	}
	text := get(tx, bucketSummaries, id[:])
	if text == nil {
		return e, fmt.Errorf("episode %s is in an index but has no entry", id)
	}
	e, err := episode.DecodeAdvised(text)
	if err != nil {
		return e, fmt.Errorf("%s: %w", bucketSummaries, err)
	}
	r.keep(id, e)
	return e, nil
}

// keep adds an episode, unless the file has changed since the transaction began: then it may
// be an older state.
func (r *advisedReader) keep(id ulid.ULID, e episode.Advised) {
	c := r.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes != r.changes {
		return
	}
	if c.entries == nil || c.size+e.Size() > maxAdvised {
		c.entries, c.size = map[ulid.ULID]episode.Advised{}, 0
	}
	c.entries[id] = e
	c.size += e.Size()
}
