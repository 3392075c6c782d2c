package history

import (
	"context"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// sweepTo is the part of the maximum size that a sweep goes down to, so that not every sweep
// has something to drop.
const sweepTo = 0.9

// shrinkBatch bounds one transaction. It is small, so that little more is dropped than must be.
const shrinkBatch = 50

// used is the number of bytes of the file that hold something: its pages without the free
// ones.
func (s *Store) used() (bytes int64, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		bytes = tx.Size() - int64(tx.DB().Stats().FreeAlloc)
		return nil
	})
	return bytes, err
}

// bulk is a kind of entry that a sweep drops for its size.
type bulk struct {
	in    []ledger.Bucket // that hold nearly all of it
	batch int
	drop  func(t *ledger.Txn, before time.Time, limit int) (int, error)
}

// bulks are in the order in which they are dropped while they are equally large: the least of each
// measurement is missed.
func bulks() []bulk {
	return []bulk{
		{[]ledger.Bucket{ledger.BucketMeasures, ledger.BucketMeasuresJob}, shrinkBatch, func(t *ledger.Txn, before time.Time, limit int) (int, error) {
			return kinds.Measurements.DropBefore(t, before, limit, nil)
		}},
		{[]ledger.Bucket{ledger.BucketDeclined, ledger.BucketDeclinedJob}, shrinkBatch, func(t *ledger.Txn, before time.Time, limit int) (int, error) {
			return kinds.Declined.DropBefore(t, before, limit, nil)
		}},
		{[]ledger.Bucket{ledger.BucketEpisodes, ledger.BucketSummaries}, shrinkBatch, func(t *ledger.Txn, before time.Time, limit int) (int, error) {
			return kinds.Summaries.DropBefore(t, before, limit, kinds.IsUnfinished)
		}},
		{[]ledger.Bucket{ledger.BucketEvaluations}, shrinkBatch, func(t *ledger.Txn, before time.Time, limit int) (int, error) {
			return kinds.Evaluations.DropBefore(t, before, limit, nil)
		}},
		{[]ledger.Bucket{ledger.BucketScaleTests, ledger.BucketScaleTestsCompared}, 1, func(t *ledger.Txn, before time.Time, limit int) (int, error) {
			return kinds.ScaleTests.DropBefore(t, before, limit, nil)
		}},
	}
}

// shrink drops entries while more than the maximum size is in use: the oldest of the kind that takes
// most of the file, so that no kind is emptied for the growth of another. It returns their number.
func (s *Store) shrink(ctx context.Context) (total int, err error) {
	if s.maxSize <= 0 {
		return 0, nil
	}
	// bbolt counts free pages at the end of a write, so that a file that was just opened seems
	// to have none.
	if err := s.update(func(*ledger.Txn) error { return nil }); err != nil {
		return 0, err
	}
	bytes, err := s.used()
	if err != nil || bytes <= s.maxSize {
		return 0, err
	}
	goal := int64(sweepTo * float64(s.maxSize))
	for kinds := bulks(); bytes > goal && len(kinds) > 0; {
		at, excess, err := s.largest(kinds)
		if err != nil {
			return total, err
		}
		until := max(goal, bytes-excess)
		n, err := s.drain(ctx, kinds[at].batch, kinds[at].before(s.Now().Add(ledger.MaxAhead)), func() (bool, error) {
			now, err := s.used()
			return now <= until, err
		})
		if total += n; err != nil {
			return total, err
		}
		if bytes, err = s.used(); err != nil {
			return total, err
		}
		if bytes > until { // nothing of this kind is left that may go
			kinds = slices.Delete(kinds, at, at+1)
		}
	}
	return total, nil
}

// before drops a batch of the entries before a time.
func (b bulk) before(end time.Time) func(*ledger.Txn) (int, error) {
	return func(t *ledger.Txn) (int, error) { return b.drop(t, end, b.batch) }
}

// largest is the kind that takes most of the file, and by how many bytes it exceeds the next one: at
// least a hundredth of the maximum size.
func (s *Store) largest(kinds []bulk) (at int, excess int64, err error) {
	var sizes []int64
	err = s.view(func(tx *bbolt.Tx) error {
		for _, kind := range kinds {
			size := 0
			for _, name := range kind.in {
				stats := tx.Bucket([]byte(name)).Stats()
				size += stats.LeafAlloc + stats.BranchAlloc
			}
			sizes = append(sizes, int64(size))
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	at = slices.Index(sizes, slices.Max(sizes))
	rest := append(slices.Delete(slices.Clone(sizes), at, at+1), 0)
	return at, max(sizes[at]-slices.Max(rest), s.maxSize/100, 1), nil
}
