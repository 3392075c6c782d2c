package history

import (
	"encoding/json"
	"fmt"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"
)

// txn is a write transaction that updates the digest. All writes use its methods
// create, put and delete.
type txn struct {
	*bbolt.Tx
	sum uint64
	// changed are the episodes whose summaries were written or deleted.
	changed []ulid.ULID
}

// write runs fn and stores the new digest. It returns the changed episodes.
func write(tx *bbolt.Tx, fn func(*txn) error) (changed []ulid.ULID, err error) {
	t := &txn{Tx: tx}
	if b := tx.Bucket([]byte(bucketMeta)); b != nil {
		t.sum = decodeUint(b.Get([]byte(keyDigest)))
	} else if err := t.create(bucketMeta); err != nil {
		return nil, err
	}
	if err := fn(t); err != nil {
		return nil, err
	}
	return t.changed, tx.Bucket([]byte(bucketMeta)).Put([]byte(keyDigest), encodeUint(t.sum))
}

func (t *txn) create(b bucket) error {
	t.sum += entryHash(nil, []byte(b), nil)
	if _, err := t.CreateBucket([]byte(b)); err != nil {
		return fmt.Errorf("%s: %w", b, err)
	}
	return nil
}

func (t *txn) put(in bucket, key, value []byte) error {
	t.note(in, key)
	b := t.Bucket([]byte(in))
	if old := b.Get(key); old != nil {
		t.sum -= entryHash([]byte(in), key, old)
	}
	t.sum += entryHash([]byte(in), key, value)
	if err := b.Put(key, value); err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return nil
}

// note remembers a changed episode.
func (t *txn) note(in bucket, key []byte) {
	if in == bucketSummaries {
		t.changed = append(t.changed, ulid.ULID(key))
	}
}

func (t *txn) putJSON(in bucket, key []byte, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return t.put(in, key, value)
}

// delete removes a key. A missing key is not an error.
func (t *txn) delete(in bucket, key []byte) error {
	t.note(in, key)
	b := t.Bucket([]byte(in))
	old := b.Get(key)
	if old == nil {
		return nil
	}
	t.sum -= entryHash([]byte(in), key, old)
	if err := b.Delete(key); err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return nil
}

// get returns the value of key, nil if there is none. The value is valid until the
// transaction ends.
func get(tx *bbolt.Tx, in bucket, key []byte) []byte {
	return tx.Bucket([]byte(in)).Get(key)
}

// getJSON decodes the value of key into v and reports whether there was one.
func getJSON(tx *bbolt.Tx, in bucket, key []byte, v any) (bool, error) {
	value := get(tx, in, key)
	if value == nil {
		return false, nil
	}
	if err := json.Unmarshal(value, v); err != nil {
		return false, fmt.Errorf("%s: %w", in, err)
	}
	return true, nil
}
