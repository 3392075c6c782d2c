package history

import (
	"context"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

const (
	// longRetention is the factor by which the retention of episodes and epochs is
	// longer than that of measurements.
	longRetention = 4
	// sweepBatch bounds one transaction of a sweep, because other writers wait for it.
	sweepBatch = 500
)

// Sweep drops measurements and declined alerts older than the retention, and episodes, epochs,
// scale tests, evaluations and triages older than four times the retention. It never drops an
// unfinished episode or the newest epoch of a job. Then it drops what is above the maximum
// numbers and above the maximum size. It returns the number of dropped entries.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	now := s.Now()
	short, long := now.Add(-s.retention), now.Add(-longRetention*s.retention)
	total := 0
	for _, drop := range []func(*txn) (int, error){
		func(t *txn) (int, error) { return measurements.dropBefore(t, short, sweepBatch, nil) },
		func(t *txn) (int, error) { return summaries.dropBefore(t, long, sweepBatch, unfinished) },
		func(t *txn) (int, error) { return declined.dropBefore(t, short, sweepBatch, nil) },
		func(t *txn) (int, error) { return scaleTests.dropBefore(t, long, sweepBatch, nil) },
		func(t *txn) (int, error) { return evaluations.dropBefore(t, long, sweepBatch, nil) },
		func(t *txn) (int, error) { return triages.dropBefore(t, long, sweepBatch, nil) },
		func(t *txn) (int, error) { return epochs.dropBefore(t, long, sweepBatch, isNewest(t)) },
	} {
		n, err := s.drain(ctx, sweepBatch, drop, nil)
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
	ctx context.Context, batch int, drop func(*txn) (int, error), enough func() (bool, error),
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
		err := s.update(func(t *txn) (err error) {
			n, err = drop(t)
			return err
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func unfinished(_ ulid.ULID, e episode.Episode) bool { return !e.State.Final() }

// isNewest reports whether an epoch is the present one of its job.
func isNewest(t *txn) func(ulid.ULID, episode.Epoch) bool {
	return func(id ulid.ULID, e episode.Epoch) bool {
		last, ok, err := newestEpoch(t.Tx, e.Cluster, e.Job)
		return err != nil || ok && epochID(last) == id
	}
}
