package kinds

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// PutPage stores what the page of metrics said of a cluster at a time, in the format of the
// caller, and drops the pages of all clusters that are older than keep. The error is an
// [*ledger.InvalidError] for a page of more than [MaxPage] bytes, and for one in the future.
func (s *Entries) PutPage(cluster string, at time.Time, page []byte, keep time.Duration) error {
	what := fmt.Sprintf("page of %s of cluster %q", at.UTC().Format(time.RFC3339), cluster)
	switch {
	case len(page) > MaxPage:
		return ledger.Invalid(what, fmt.Sprintf("it has %d KiB (store at most %d KiB)", len(page)>>10, MaxPage>>10))
	case at.After(s.file.Now().Add(ledger.MaxAhead)):
		return ledger.Invalid(what, "it is in the future (set the clocks)")
	}
	return s.file.Update(func(t *ledger.Txn) error {
		if err := dropPages(t, at.Add(-keep)); err != nil {
			return err
		}
		return t.Put(ledger.BucketPages, pageKey(cluster, at), page)
	})
}

// Pages passes the pages of a cluster on, since a time and in the order of their times. A page
// is valid until each returns.
func (s *Entries) Pages(cluster string, since time.Time, each func(page []byte) error) error {
	of := pageKey(cluster, time.Time{})[8:]
	return s.file.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket([]byte(ledger.BucketPages)).Cursor()
		for k, page := c.Seek(pageKey(cluster, since)[:8]); k != nil; k, page = c.Next() {
			if !bytes.Equal(k[8:], of) {
				continue
			}
			if err := each(page); err != nil {
				return err
			}
		}
		return nil
	})
}

// dropPages drops the pages before a time, at most a batch of them.
func dropPages(t *ledger.Txn, before time.Time) error {
	limit := pageKey("", before)[:8]
	c := t.Bucket([]byte(ledger.BucketPages)).Cursor()
	var old [][]byte
	for k, _ := c.First(); k != nil && bytes.Compare(k[:8], limit) < 0 && len(old) < SweepBatch; k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	for _, k := range old {
		if err := t.Delete(ledger.BucketPages, k); err != nil {
			return err
		}
	}
	return nil
}

// pageKey sorts by time.
func pageKey(cluster string, at time.Time) []byte {
	sum := sha256.Sum256([]byte(cluster))
	return append(binary.BigEndian.AppendUint64(nil, uint64(max(0, at.UnixMilli()))), sum[:16]...)
}
