package history

import (
	"context"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// copyUntil is bbolt.Compact for our files, whose buckets hold no further buckets, with an end:
// a large file takes longer than a sidecar that stops may need.
func copyUntil(ctx context.Context) copyFunc {
	return func(dst, src *bbolt.DB, batch int64) error {
		return src.View(func(from *bbolt.Tx) error {
			to, err := dst.Begin(true)
			if err != nil {
				return err
			}
			c := &copier{ctx: ctx, dst: dst, tx: to, batch: batch}
			err = from.ForEach(c.bucket)
			if err != nil {
				_ = c.tx.Rollback() // always succeeds for an open transaction
				return err
			}
			return c.tx.Commit()
		})
	}
}

// copier fills one transaction after the other.
type copier struct {
	ctx   context.Context
	dst   *bbolt.DB
	tx    *bbolt.Tx
	batch int64
	size  int64 // bytes in tx
}

func (c *copier) bucket(name []byte, from *bbolt.Bucket) error {
	if _, err := c.tx.CreateBucket(name); err != nil {
		return err
	}
	return from.ForEach(func(key, value []byte) error {
		if err := c.next(int64(len(key) + len(value))); err != nil {
			return err
		}
		to := c.tx.Bucket(name)
		to.FillPercent = ledger.Packed
		return to.Put(key, value)
	})
}

// next begins another transaction when the entry would make the present one too large.
func (c *copier) next(entry int64) (err error) {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if c.size += entry; c.size <= c.batch {
		return nil
	}
	c.size = entry
	if err := c.tx.Commit(); err != nil {
		return err
	}
	c.tx, err = c.dst.Begin(true)
	return err
}
