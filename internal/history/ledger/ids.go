package ledger

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
)

// JobPrefix is what the keys of a job begin with in an index: a name has any length and any bytes.
func JobPrefix(job string) []byte {
	sum := sha256.Sum256([]byte(job))
	return sum[:16:16]
}

// JobKey is the key of an entry of a job in an index.
func JobKey(job string, id ulid.ULID) []byte { return append(JobPrefix(job), id[:]...) }

// FirstAt returns the lowest ULID of a time. A time outside the range of ULIDs becomes
// the first or last time of the range.
func FirstAt(t time.Time) (id ulid.ULID) {
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

// ParseID reads the id of an entry.
func ParseID(id string) (ulid.ULID, error) {
	parsed, err := ulid.ParseStrict(id)
	if err != nil {
		return ulid.ULID{}, fmt.Errorf("id %q is not a ULID: %w", id, err)
	}
	return parsed, nil
}

// NewID derives an id from a time and a content, so that the same content has the same
// id.
func NewID(at time.Time, of []byte) ulid.ULID {
	id := FirstAt(at)
	_ = id.SetEntropy(of[:10]) // fails only for another length
	return id
}
