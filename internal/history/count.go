package history

import (
	"context"

	"go.etcd.io/bbolt"
)

// thin drops the oldest entries above the maximum numbers of measurements and of episodes; an
// unfinished episode stays. It returns their number.
func (s *Store) thin(ctx context.Context) (total int, err error) {
	latest := s.Now().Add(maxAhead)
	for _, kind := range []struct {
		max  int
		in   bucket
		drop func(t *txn, limit int) (int, error)
	}{
		{s.maxMeasurements, bucketMeasures, func(t *txn, limit int) (int, error) {
			return measurements.dropBefore(t, latest, limit, nil)
		}},
		{s.maxEpisodes, bucketEpisodes, func(t *txn, limit int) (int, error) {
			return summaries.dropBefore(t, latest, limit, unfinished)
		}},
	} {
		if kind.max <= 0 {
			continue
		}
		above, err := s.count(kind.in)
		for above -= kind.max; err == nil && above > 0; {
			n := 0
			if err = ctx.Err(); err == nil {
				err = s.update(func(t *txn) (err error) {
					n, err = kind.drop(t, min(above, sweepBatch))
					return err
				})
			}
			total += n
			if above -= n; n == 0 {
				break // the others are unfinished
			}
		}
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// count is the number of entries of a bucket. It reads all its pages.
func (s *Store) count(in bucket) (n int, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		n = tx.Bucket([]byte(in)).Stats().KeyN
		return nil
	})
	return n, err
}
