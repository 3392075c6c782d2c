package profiling

import (
	"sync"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// treesKept is how many of the latest profiles are held in memory for their advice; older
// ones are read from their files.
const treesKept = 8

// Trees returns whole profiles by the hash of their page: the latest from memory, all
// others from the store. It is safe for concurrent use.
type Trees struct {
	store *pagestore.Store

	mu    sync.Mutex
	held  map[string]*flame.Tree // by hash
	order []string               // hashes, oldest first
}

// NewTrees returns the profiles of a store.
func NewTrees(store *pagestore.Store) *Trees {
	return &Trees{store: store, held: map[string]*flame.Tree{}}
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

// keep holds a tree for the advice that follows.
func (t *Trees) keep(hash string, tree *flame.Tree) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, held := t.held[hash]; !held {
		t.order = append(t.order, hash)
	}
	t.held[hash] = tree
	if len(t.order) > treesKept {
		delete(t.held, t.order[0])
		t.order = t.order[1:]
	}
}
