package history

import (
	"context"

	"go.etcd.io/bbolt"
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

// shrink drops the oldest entries while more than the maximum size is in use: measurements
// first, because they are most of the file and the least of each is missed; then declined
// alerts and episodes that are done. It returns their number.
func (s *Store) shrink(ctx context.Context) (total int, err error) {
	if s.maxSize <= 0 {
		return 0, nil
	}
	// bbolt counts free pages at the end of a write, so that a file that was just opened seems
	// to have none.
	if err := s.update(func(*txn) error { return nil }); err != nil {
		return 0, err
	}
	bytes, err := s.used()
	if err != nil || bytes <= s.maxSize {
		return 0, err
	}
	latest := s.Now().Add(maxAhead)
	for _, drop := range []func(*txn) (int, error){
		func(t *txn) (int, error) { return measurements.dropBefore(t, latest, shrinkBatch, nil) },
		func(t *txn) (int, error) { return declined.dropBefore(t, latest, shrinkBatch, nil) },
		func(t *txn) (int, error) { return summaries.dropBefore(t, latest, shrinkBatch, unfinished) },
	} {
		n, err := s.drain(ctx, shrinkBatch, drop, func() (bool, error) {
			bytes, err := s.used()
			return float64(bytes) <= sweepTo*float64(s.maxSize), err
		})
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
