package history

import (
	"context"

	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// longRetention is the factor by which the retention of episodes and epochs is
// longer than that of measurements.
const longRetention = 4

// Sweep drops measurements and declined alerts older than the retention, and episodes, epochs,
// scale tests, evaluations and triages older than four times the retention. It never drops an
// unfinished episode or the newest epoch of a job. Then it drops what is above the maximum
// numbers and above the maximum size. It returns the number of dropped entries.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	now := s.Now()
	short, long := now.Add(-s.retention), now.Add(-longRetention*s.retention)
	total := 0
	for _, drop := range []func(*ledger.Txn) (int, error){
		func(t *ledger.Txn) (int, error) {
			return kinds.Measurements.DropBefore(t, short, kinds.SweepBatch, nil)
		},
		func(t *ledger.Txn) (int, error) {
			return kinds.Summaries.DropBefore(t, long, kinds.SweepBatch, kinds.IsUnfinished)
		},
		func(t *ledger.Txn) (int, error) { return kinds.Declined.DropBefore(t, short, kinds.SweepBatch, nil) },
		func(t *ledger.Txn) (int, error) { return kinds.ScaleTests.DropBefore(t, long, kinds.SweepBatch, nil) },
		func(t *ledger.Txn) (int, error) { return kinds.Evaluations.DropBefore(t, long, kinds.SweepBatch, nil) },
		func(t *ledger.Txn) (int, error) { return kinds.Triages.DropBefore(t, long, kinds.SweepBatch, nil) },
		func(t *ledger.Txn) (int, error) {
			return kinds.Epochs.DropBefore(t, long, kinds.SweepBatch, kinds.IsNewest(t))
		},
	} {
		n, err := s.drain(ctx, kinds.SweepBatch, drop, nil)
		total += n
		if err != nil {
			return total, err
		}
	}
	for _, drop := range []func(context.Context) (int, error){s.thin, s.shrink} {
		n, err := drop(ctx)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// drain calls drop until it finds less than a batch of entries, each time in a separate
// transaction. It ends when enough returns true, if that is not nil.
func (s *Store) drain(
	ctx context.Context, batch int, drop func(*ledger.Txn) (int, error), enough func() (bool, error),
) (total int, err error) {
	for n := batch; n == batch; total += n {
		if enough != nil {
			if done, err := enough(); done || err != nil {
				return total, err
			}
		}
		if err := ctx.Err(); err != nil {
			return total, err
		}
		err := s.update(func(t *ledger.Txn) (err error) {
			n, err = drop(t)
			return err
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
