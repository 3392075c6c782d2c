package profiling

import (
	"sync"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// maxHeldBytes is how much memory the latest profiles may hold, until their advice is
// written; older ones are read from their files. A usual profile takes 1 to 4 MiB.
const maxHeldBytes = 64 << 20

// Trees returns whole profiles by the hash of their page: the latest from memory, all
// others from the store. It is safe for concurrent use.
type Trees struct {
	store *pagestore.Store

	mu    sync.Mutex
	held  map[string]*flame.Tree // by hash
	order []string               // hashes, oldest first
	bytes int64                  // of all that is held
	most  int64                  // of bytes
}

// NewTrees returns the profiles of a store.
func NewTrees(store *pagestore.Store) *Trees {
	return &Trees{store: store, held: map[string]*flame.Tree{}, most: maxHeldBytes}
}

// Tree returns a whole profile. The error is the store's, and says what to do.
func (t *Trees) Tree(hash string) (*flame.Tree, error) {
	t.mu.Lock()
	tree := t.held[hash]
	t.mu.Unlock()
	if tree != nil {
		return tree, nil
	}
	return t.store.Tree(hash)
}

// keep holds a tree for the advice that follows. A tree that alone is above the limit is
// held until the next one comes.
func (t *Trees) keep(hash string, tree *flame.Tree) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, held := t.held[hash]; held {
		return
	}
	t.held[hash], t.order = tree, append(t.order, hash)
	t.bytes += tree.Bytes()
	for t.bytes > t.most && len(t.order) > 1 {
		oldest := t.order[0]
		t.bytes -= t.held[oldest].Bytes()
		delete(t.held, oldest)
		t.order = t.order[1:]
	}
}
