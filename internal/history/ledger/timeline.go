package ledger

import (
	"bytes"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Packed is how full a page of the file is made where entries arrive in the order of their keys:
// those of a copy, and those that are sorted by the time at which they began.
const Packed = 0.9

// Timeline is one kind of entry, in the order of time under ULIDs and indexed by job.
type Timeline[T any] struct {
	// Entries has the values, ByJob their index; empty if there is none, and all entries are read.
	Entries, ByJob Bucket
	Limit          int // bytes of one entry
	Of             func(T) episode.JobRef
	// Older has entries that Entries does not have yet, in the same JSON; empty if there are none.
	Older Bucket
	// Dropped drops the related data of a dropped entry; nil if there is none.
	Dropped func(*Txn, ulid.ULID, T) error
}

// Put stores v under id and replaces the old value.
func (l Timeline[T]) Put(t *Txn, id ulid.ULID, v T) error {
	old, ok, err := l.Get(t.Tx, id)
	if err != nil {
		return err
	}
	if was, is := l.Of(old).Job, l.Of(v).Job; ok && was != is {
		return fmt.Errorf("%s: %s is about job %q, not %q", l.Entries, id, was, is)
	}
	data, err := Encode(fmt.Sprintf("%s %s", l.Entries, id), v, l.Limit)
	if err != nil {
		return err
	}
	t.Bucket([]byte(l.Entries)).FillPercent = Packed // ids ascend
	if err := t.Put(l.Entries, id[:], data); err != nil {
		return err
	}
	return t.Put(l.ByJob, JobKey(l.Of(v).Job, id), []byte{})
}

// Get returns one entry; false if it is not stored.
func (l Timeline[T]) Get(tx *bbolt.Tx, id ulid.ULID) (v T, ok bool, err error) {
	ok, err = GetJSON(tx, l.Entries, id[:], &v)
	if !ok && err == nil && l.Older != "" {
		ok, err = GetJSON(tx, l.Older, id[:], &v)
	}
	return v, ok, err
}

// List returns the entries of a window, newest first; never nil.
func (l Timeline[T]) List(tx *bbolt.Tx, w Window) ([]T, error) {
	out := []T{}
	for id := range l.Backwards(tx, w) {
		v, ok, err := l.Get(tx, id)
		if err != nil {
			return nil, err
		}
		if ok && w.of.Takes(l.Of(v)) {
			out = append(out, v)
		}
		if len(out) == w.limit {
			break
		}
	}
	return out, nil
}

// Backwards yields the ids of a window, newest first, without its limit. They include
// jobs of the same name in every cluster.
func (l Timeline[T]) Backwards(tx *bbolt.Tx, w Window) func(yield func(ulid.ULID) bool) {
	var indexes []index
	if w.Run != "" {
		indexes = append(indexes, indexOf(tx, BucketScaleTestsRun, w.Run))
	}
	if w.Vertex != "" {
		indexes = append(indexes, indexOf(tx, BucketEpisodesVertex, w.Vertex))
	}
	if w.of.Job != "" && l.ByJob != "" {
		indexes = append(indexes, indexOf(tx, l.ByJob, w.of.Job))
	}
	if len(indexes) == 0 {
		indexes = []index{{tx.Bucket([]byte(l.Entries)).Cursor(), []byte{}}}
	}
	if len(indexes) == 1 {
		return func(yield func(ulid.ULID) bool) { indexes[0].backwards(w, yield) }
	}
	return func(yield func(ulid.ULID) bool) {
		for id, ok := inAll(indexes, w.before); ok && id.Compare(w.from) >= 0; id, ok = inAll(indexes, id) {
			if !yield(id) {
				return
			}
		}
	}
}

// DropBefore removes up to limit entries older than before, oldest first, except those
// for which spare is true. It returns their number.
func (l Timeline[T]) DropBefore(t *Txn, before time.Time, limit int, spare func(ulid.ULID, T) bool) (int, error) {
	end := FirstAt(before)
	old := map[ulid.ULID]T{}
	c := t.Bucket([]byte(l.Entries)).Cursor()
	for k, _ := c.First(); k != nil && bytes.Compare(k, end[:]) < 0 && len(old) < limit; k, _ = c.Next() {
		id := ulid.ULID(k)
		v, _, err := l.Get(t.Tx, id)
		if err != nil {
			return 0, err
		}
		if spare == nil || !spare(id, v) {
			old[id] = v
		}
	}
	for id, v := range old {
		if err := l.Drop(t, id, v); err != nil {
			return 0, err
		}
	}
	return len(old), nil
}

// Drop removes one entry and its related data.
func (l Timeline[T]) Drop(t *Txn, id ulid.ULID, v T) error {
	if err := t.Delete(l.Entries, id[:]); err != nil {
		return err
	}
	if err := t.Delete(l.ByJob, JobKey(l.Of(v).Job, id)); err != nil {
		return err
	}
	if l.Dropped == nil {
		return nil
	}
	return l.Dropped(t, id, v)
}
