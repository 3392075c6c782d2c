package ledger

import (
	"bytes"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"
)

// index is the part of an index with one prefix, in the order of its ids.
type index struct {
	cursor *bbolt.Cursor
	prefix []byte
}

func indexOf(tx *bbolt.Tx, b Bucket, name string) index {
	return index{tx.Bucket([]byte(b)).Cursor(), JobPrefix(name)}
}

// backwards yields the ids of a window.
func (i index) backwards(w Window, yield func(ulid.ULID) bool) {
	for k := seekBefore(i.cursor, append(i.prefix, w.before[:]...)); k != nil; k, _ = i.cursor.Prev() {
		rest, ok := bytes.CutPrefix(k, i.prefix)
		if !ok || bytes.Compare(rest, w.from[:]) < 0 || !yield(ulid.ULID(rest)) {
			return
		}
	}
}

// inAll returns the last id before end that every index has. Each index is asked for its next id, so
// that what the other ones do not have is skipped and not read.
func inAll(indexes []index, end ulid.ULID) (id ulid.ULID, ok bool) {
	for agreed := 0; agreed < len(indexes); {
		for _, of := range indexes {
			found, ok := of.before(end)
			if !ok {
				return id, false
			}
			if agreed++; found != id {
				id, agreed = found, 1
			}
			if end = after(id); agreed == len(indexes) {
				break
			}
		}
	}
	return id, true
}

// before returns the last id before end.
func (i index) before(end ulid.ULID) (id ulid.ULID, ok bool) {
	k := seekBefore(i.cursor, append(i.prefix, end[:]...))
	rest, ok := bytes.CutPrefix(k, i.prefix)
	if k == nil || !ok {
		return id, false
	}
	return ulid.ULID(rest), true
}

// after is the id that follows. That of the last one is itself: it is the id of no entry.
func after(id ulid.ULID) ulid.ULID {
	if id == maxULID() {
		return id
	}
	for i := len(id) - 1; ; i-- {
		if id[i]++; id[i] != 0 {
			return id
		}
	}
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
