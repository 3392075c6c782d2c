package history

import (
	"context"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// thin drops the oldest entries above the maximum numbers of measurements and of episodes; an
// unfinished episode stays. It returns their number.
func (s *Store) thin(ctx context.Context) (total int, err error) {
	latest := s.Now().Add(ledger.MaxAhead)
	for _, kind := range []struct {
		max  int
		in   ledger.Bucket
		drop func(t *ledger.Txn, limit int) (int, error)
	}{
		{s.maxMeasurements, ledger.BucketMeasures, func(t *ledger.Txn, limit int) (int, error) {
			return kinds.Measurements.DropBefore(t, latest, limit, nil)
		}},
		{s.maxEpisodes, ledger.BucketEpisodes, func(t *ledger.Txn, limit int) (int, error) {
			return kinds.Summaries.DropBefore(t, latest, limit, kinds.IsUnfinished)
		}},
	} {
		if kind.max <= 0 {
			continue
		}
		above, err := s.count(kind.in)
		for above -= kind.max; err == nil && above > 0; {
			n := 0
			if err = ctx.Err(); err == nil {
				err = s.update(func(t *ledger.Txn) (err error) {
					n, err = kind.drop(t, min(above, kinds.SweepBatch))
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
func (s *Store) count(in ledger.Bucket) (n int, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		n = tx.Bucket([]byte(in)).Stats().KeyN
		return nil
	})
	return n, err
}
