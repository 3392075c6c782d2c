package history

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// The limits of a listing.
const (
	// DefaultLimit is the number of entries in a listing for a limit of 0.
	DefaultLimit = 100
	// MaxLimit is the maximum number of entries in a listing.
	MaxLimit = 1000
)

// timeline is one kind of entry, in the order of time under ULIDs and indexed by job.
type timeline[T any] struct {
	entries, byJob bucket
	limit          int // bytes of one entry
	of             func(T) episode.JobRef
	// dropped drops the related data of a dropped entry; nil if there is none.
	dropped func(*txn, ulid.ULID, T) error
}

// window selects the newest limit entries whose job matches of, with from ≤ id <
// before. The index has the names of jobs only: if two clusters have a job of the same
// name, the entries of the other cluster are read and skipped.
type window struct {
	of           episode.JobRef
	from, before ulid.ULID
	limit        int
	// run selects the scale tests of the runs of this name, vertex the episodes of the vertices of
	// this name; empty selects all.
	run, vertex string
}

// newWindow returns the window of a listing; a zero time is no bound.
func newWindow(of episode.JobRef, from, to time.Time, limit int) window {
	if limit <= 0 {
		limit = DefaultLimit
	}
	w := window{of: of, from: firstAt(from), before: firstAt(to), limit: min(limit, MaxLimit)}
	if to.IsZero() {
		w.before = maxULID()
	}
	return w
}

// endBefore ends a window before the entry with an id, unless the id is empty.
func (w window) endBefore(id string) (window, error) {
	if id == "" {
		return w, nil
	}
	before, err := parseID(id)
	if err == nil && before.Compare(w.before) < 0 {
		w.before = before
	}
	return w, err
}

// put stores v under id and replaces the old value.
func (l timeline[T]) put(t *txn, id ulid.ULID, v T) error {
	old, ok, err := l.get(t.Tx, id)
	if err != nil {
		return err
	}
	if was, is := l.of(old).Job, l.of(v).Job; ok && was != is {
		return fmt.Errorf("%s: %s is about job %q, not %q", l.entries, id, was, is)
	}
	data, err := encode(fmt.Sprintf("%s %s", l.entries, id), v, l.limit)
	if err != nil {
		return err
	}
	t.Bucket([]byte(l.entries)).FillPercent = packed // ids ascend
	if err := t.put(l.entries, id[:], data); err != nil {
		return err
	}
	return t.put(l.byJob, jobKey(l.of(v).Job, id), []byte{})
}

func (l timeline[T]) get(tx *bbolt.Tx, id ulid.ULID) (v T, ok bool, err error) {
	ok, err = getJSON(tx, l.entries, id[:], &v)
	return v, ok, err
}

// list returns the entries of a window, newest first; never nil.
func (l timeline[T]) list(tx *bbolt.Tx, w window) ([]T, error) {
	out := []T{}
	for id := range l.backwards(tx, w) {
		v, ok, err := l.get(tx, id)
		if err != nil {
			return nil, err
		}
		if ok && w.of.Takes(l.of(v)) {
			out = append(out, v)
		}
		if len(out) == w.limit {
			break
		}
	}
	return out, nil
}

// backwards yields the ids of a window, newest first, without its limit. They include
// jobs of the same name in every cluster.
func (l timeline[T]) backwards(tx *bbolt.Tx, w window) func(yield func(ulid.ULID) bool) {
	index, prefix := l.entries, []byte{}
	switch {
	case w.run != "":
		index, prefix = bucketScaleTestsRun, jobPrefix(w.run)
	case w.vertex != "":
		index, prefix = bucketEpisodesVertex, jobPrefix(w.vertex)
	case w.of.Job != "":
		index, prefix = l.byJob, jobPrefix(w.of.Job)
	}
	return func(yield func(ulid.ULID) bool) {
		c := tx.Bucket([]byte(index)).Cursor()
		for k := seekBefore(c, append(prefix, w.before[:]...)); k != nil; k, _ = c.Prev() {
			rest, ok := bytes.CutPrefix(k, prefix)
			if !ok || bytes.Compare(rest, w.from[:]) < 0 || !yield(ulid.ULID(rest)) {
				return
			}
		}
	}
}

// dropBefore removes up to limit entries older than before, oldest first, except those
// for which spare is true. It returns their number.
func (l timeline[T]) dropBefore(t *txn, before time.Time, limit int, spare func(ulid.ULID, T) bool) (int, error) {
	end := firstAt(before)
	old := map[ulid.ULID]T{}
	c := t.Bucket([]byte(l.entries)).Cursor()
	for k, _ := c.First(); k != nil && bytes.Compare(k, end[:]) < 0 && len(old) < limit; k, _ = c.Next() {
		id := ulid.ULID(k)
		v, _, err := l.get(t.Tx, id)
		if err != nil {
			return 0, err
		}
		if spare == nil || !spare(id, v) {
			old[id] = v
		}
	}
	for id, v := range old {
		if err := l.drop(t, id, v); err != nil {
			return 0, err
		}
	}
	return len(old), nil
}

// drop removes one entry and its related data.
func (l timeline[T]) drop(t *txn, id ulid.ULID, v T) error {
	if err := t.delete(l.entries, id[:]); err != nil {
		return err
	}
	if err := t.delete(l.byJob, jobKey(l.of(v).Job, id)); err != nil {
		return err
	}
	if l.dropped == nil {
		return nil
	}
	return l.dropped(t, id, v)
}

// seekBefore moves c to the last key below end and returns it, nil if there is none.
func seekBefore(c *bbolt.Cursor, end []byte) []byte {
	k, _ := c.Seek(end)
	if k == nil {
		k, _ = c.Last()
	} else {
		k, _ = c.Prev()
	}
	return k
}

func jobPrefix(job string) []byte {
	sum := sha256.Sum256([]byte(job))
	return sum[:16:16]
}

func jobKey(job string, id ulid.ULID) []byte { return append(jobPrefix(job), id[:]...) }

// firstAt returns the lowest ULID of a time. A time outside the range of ULIDs becomes
// the first or last time of the range.
func firstAt(t time.Time) (id ulid.ULID) {
	ms := min(max(t.UnixMilli(), 0), int64(ulid.MaxTime()))
	_ = id.SetTime(uint64(ms)) // fails only above MaxTime
	return id
}

func maxULID() (id ulid.ULID) {
	for i := range id {
		id[i] = 0xff
	}
	return id
}

func parseID(id string) (ulid.ULID, error) {
	parsed, err := ulid.ParseStrict(id)
	if err != nil {
		return ulid.ULID{}, fmt.Errorf("id %q is not a ULID: %w", id, err)
	}
	return parsed, nil
}
