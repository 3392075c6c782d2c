package elasticsearch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// removedPerSweep is the number of documents in one search and one bulk request of a
// removal.
const removedPerSweep = 2000

// Cleans reports whether the configuration has the documents of tests removed.
func (t *Tally) Cleans() bool { return t.fields.Cleanup == cleanupDelete }

// Remove deletes the visible documents with the prefix, and returns how many it deleted.
// It does nothing if the configuration keeps documents. A document that becomes visible
// later needs another call.
//
// It searches and deletes in turn, in the order of the seeds, so that it needs no other
// right than the probe. Deleting by query is a module of its own, which small installations
// lack.
func (t *Tally) Remove(ctx context.Context, prefix string) (removed int64, err error) {
	var after []any
	left := 0
	for t.Cleans() {
		docs, last, err := t.withSeeds(ctx, prefix, after)
		if err != nil {
			return removed, err
		}
		done, err := t.removePage(ctx, docs)
		removed, left = removed+int64(len(docs)-len(done.left)), left+len(done.left)
		if err != nil {
			return removed, err
		}
		if len(docs) < removedPerSweep {
			break
		}
		after = last
	}
	if left > 0 {
		return removed, fmt.Errorf("elasticsearch: %d of the documents could not be deleted from %q, because the server was busy "+
			"(delete those whose %s begins with %s)", left, t.client.index, t.seedField, prefix)
	}
	return removed, nil
}

// A server refuses some documents of a bulk request while it is busy, as after a load test.
const (
	removals    = 5
	removalRest = time.Second
)

// removePage deletes documents. It tries those again that the server was too busy for.
func (t *Tally) removePage(ctx context.Context, docs []document) (done removal, err error) {
	for tries := 0; ; tries++ {
		if len(docs) == 0 {
			return removal{}, nil
		}
		if done, err = t.client.remove(ctx, docs); err != nil {
			return done, err
		}
		for _, index := range slices.Sorted(maps.Keys(done.blocked)) {
			return done, done.blocked[index]
		}
		if len(done.left) == 0 || tries == removals-1 || wait.For(ctx, removalRest) != nil {
			return done, nil
		}
		docs = done.left
	}
}

// withSeeds returns the next documents with the prefix in the order of their seeds, and the
// place of the last one.
func (t *Tally) withSeeds(ctx context.Context, prefix string, after []any) (docs []document, last []any, err error) {
	query := map[string]any{
		"size": removedPerSweep, "query": t.withPrefix(prefix), "_source": false, "seq_no_primary_term": true,
		"track_total_hits": false, "sort": []any{map[string]any{t.seedField: "asc"}},
	}
	if after != nil {
		query["search_after"] = after
	}
	var answer struct {
		Hits struct {
			Hits []struct {
				document
				Sort []any
			}
		}
	}
	if err := t.search(ctx, query, &answer); err != nil {
		return nil, nil, err
	}
	for _, hit := range answer.Hits.Hits {
		docs, last = append(docs, hit.document), hit.Sort
	}
	return docs, last, nil
}
