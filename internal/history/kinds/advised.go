package kinds

import (
	"fmt"
	"sync"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// maxAdvised bounds the findings that are kept in memory, in bytes: some 15,000 of them.
const maxAdvised = 16 << 20

// AdvisedCache keeps decoded findings: a dashboard asks for the same ones again and again,
// and few of them change. It belongs to one open file.
type AdvisedCache struct {
	mu      sync.Mutex
	entries map[ulid.ULID]episode.Advised
	size    int
	// changes counts the transactions that changed episodes.
	changes uint64
}

// Forget drops the episodes that a transaction has changed. It is called after the commit, so
// that no reader of an older state adds them again.
func (c *AdvisedCache) Forget(ids []ulid.ULID) {
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

// Begin returns a reader for a transaction that begins after it.
func (c *AdvisedCache) Begin() *AdvisedReader {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &AdvisedReader{cache: c, changes: c.changes}
}

// AdvisedReader uses the cache during one transaction.
type AdvisedReader struct {
	cache   *AdvisedCache
	changes uint64
}

// Get returns an episode from the cache, or else from the file.
func (r *AdvisedReader) Get(tx *bbolt.Tx, id ulid.ULID) (episode.Advised, error) {
	r.cache.mu.Lock()
	e, ok := r.cache.entries[id]
	same := r.cache.changes == r.changes
	r.cache.mu.Unlock()
	if ok && same {
		return e, nil
	}
	text := ledger.Get(tx, ledger.BucketSummaries, id[:])
	if text == nil {
		return e, fmt.Errorf("episode %s is in an index but has no entry", id)
	}
	e, err := episode.DecodeAdvised(text)
	if err != nil {
		return e, fmt.Errorf("%s: %w", ledger.BucketSummaries, err)
	}
	r.keep(id, e)
	return e, nil
}

// keep adds an episode, unless the file has changed since the transaction began: then it may
// be an older state.
func (r *AdvisedReader) keep(id ulid.ULID, e episode.Advised) {
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
