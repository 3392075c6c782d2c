package kinds

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// PutPage stores what the page of metrics said of a cluster at a time, in the format of the
// caller, and drops the pages of all clusters that are not kept any more. The error is an
// [*ledger.InvalidError] for a page of more than [MaxPage] bytes, and for one in the future.
func (s *Entries) PutPage(cluster string, at time.Time, page []byte, keep episode.Thinning) error {
	what := fmt.Sprintf("page of %s of cluster %q", at.UTC().Format(time.RFC3339), cluster)
	switch {
	case len(page) > MaxPage:
		return ledger.Invalid(what, fmt.Sprintf("it has %d KiB (store at most %d KiB)", len(page)>>10, MaxPage>>10))
	case at.After(s.file.Now().Add(ledger.MaxAhead)):
		return ledger.Invalid(what, "it is in the future (set the clocks)")
	}
	return s.file.Update(func(t *ledger.Txn) error {
		if err := dropPages(t, at, keep); err != nil {
			return err
		}
		return t.Put(ledger.BucketPages, pageKey(cluster, at), page)
	})
}

// Pages passes the pages of a cluster on, since a time and in the order of their times. A page
// is valid until each returns.
func (s *Entries) Pages(cluster string, since time.Time, each func(at time.Time, page []byte) error) error {
	of := pageKey(cluster, time.Time{})[8:]
	return s.file.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket([]byte(ledger.BucketPages)).Cursor()
		for k, page := c.Seek(timeKey(since)); k != nil; k, page = c.Next() {
			if !bytes.Equal(k[8:], of) {
				continue
			}
			if err := each(pageTime(k), page); err != nil {
				return err
			}
		}
		return nil
	})
}

// batchOfPages is about how many bytes of pages [Entries.AllPages] returns.
const batchOfPages = 2 << 20

// AllPages returns pages of all clusters in the order of their times: those behind the one that after
// names or, where it is empty, those since a time. It returns some MiB of them, and the name of the
// last one, which is empty where no more follow. The error is an [*ledger.InvalidError] for a name that
// it never returned.
func (s *Entries) AllPages(since time.Time, after string) (pages [][]byte, last string, err error) {
	from := timeKey(since)
	if after != "" {
		if from, err = hex.DecodeString(after); err != nil || len(from) != pageKeyLength {
			return nil, "", ledger.Invalid("page "+strconv.Quote(after), "it is no name of a page (begin without one)")
		}
	}
	err = s.file.View(func(tx *bbolt.Tx) error {
		c, size := tx.Bucket([]byte(ledger.BucketPages)).Cursor(), 0
		k, page := c.Seek(from)
		if after != "" && bytes.Equal(k, from) {
			k, page = c.Next()
		}
		for ; k != nil && size < batchOfPages; k, page = c.Next() {
			pages, size = append(pages, bytes.Clone(page)), size+len(page)
			last = hex.EncodeToString(k)
		}
		if k == nil {
			last = ""
		}
		return nil
	})
	return pages, last, err
}

// dropPages drops the pages that are not kept any more, at most a batch of them.
func dropPages(t *ledger.Txn, now time.Time, keep episode.Thinning) error {
	c := t.Bucket([]byte(ledger.BucketPages)).Cursor()
	old := tooOld(c, now.Add(-max(keep.Whole, keep.Past)))
	if keep.Step > 0 && keep.Past > keep.Whole && len(old) < SweepBatch {
		old = append(old, tooMany(c, now.Add(-keep.Whole), keep)...)
	}
	for _, k := range old {
		if err := t.Delete(ledger.BucketPages, k); err != nil {
			return err
		}
	}
	return nil
}

// tooOld are the pages before a time.
func tooOld(c *bbolt.Cursor, before time.Time) (old [][]byte) {
	limit := timeKey(before)
	for k, _ := c.First(); k != nil && bytes.Compare(k[:8], limit) < 0 && len(old) < SweepBatch; k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	return old
}

// tooMany are the pages before a time, but for the first of each cluster in each step. It looks back
// for Whole, because those that are older were thinned before; after a longer pause some remain.
func tooMany(c *bbolt.Cursor, before time.Time, keep episode.Thinning) (old [][]byte) {
	limit, steps := timeKey(before), map[string]int64{}
	from := before.Add(-keep.Whole).Truncate(keep.Step)
	for k, _ := c.Seek(timeKey(from)); k != nil && bytes.Compare(k[:8], limit) < 0 && len(old) < SweepBatch; k, _ = c.Next() {
		step := pageTime(k).UnixMilli() / keep.Step.Milliseconds()
		if last, known := steps[string(k[8:])]; known && last == step {
			old = append(old, bytes.Clone(k))
			continue
		}
		steps[string(k[8:])] = step
	}
	return old
}

// pageKeyLength is the number of bytes of a key.
const pageKeyLength = 24

// pageKey sorts by time.
func pageKey(cluster string, at time.Time) []byte {
	sum := sha256.Sum256([]byte(cluster))
	return append(timeKey(at), sum[:16]...)
}

// timeKey is the first part of a key.
func timeKey(at time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(max(0, at.UnixMilli())))
}

func pageTime(key []byte) time.Time { return time.UnixMilli(int64(binary.BigEndian.Uint64(key))) }
