package ledger

import (
	"encoding/json"
	"fmt"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"
)

// Txn is a write transaction that updates the digest. All writes use its methods
// Create, Put, PutJSON and Delete.
type Txn struct {
	*bbolt.Tx
	sum uint64
	// changed are the episodes whose summaries were written or deleted.
	changed []ulid.ULID
}

// Write runs fn and stores the new digest. It returns the changed episodes.
func Write(tx *bbolt.Tx, fn func(*Txn) error) (changed []ulid.ULID, err error) {
	t := &Txn{Tx: tx}
	if b := tx.Bucket([]byte(BucketMeta)); b != nil {
		t.sum = DecodeUint(b.Get([]byte(KeyDigest)))
	} else if err := t.Create(BucketMeta); err != nil {
		return nil, err
	}
	if err := fn(t); err != nil {
		return nil, err
	}
	return t.changed, tx.Bucket([]byte(BucketMeta)).Put([]byte(KeyDigest), EncodeUint(t.sum))
}

// Create makes a bucket. It is an error if it exists.
func (t *Txn) Create(b Bucket) error {
	t.sum += EntryHash(nil, []byte(b), nil)
	if _, err := t.CreateBucket([]byte(b)); err != nil {
		return fmt.Errorf("%s: %w", b, err)
	}
	return nil
}

// Put stores a value and replaces the old one.
func (t *Txn) Put(in Bucket, key, value []byte) error {
	t.note(in, key)
	b := t.Bucket([]byte(in))
	if old := b.Get(key); old != nil {
		t.sum -= EntryHash([]byte(in), key, old)
	}
	t.sum += EntryHash([]byte(in), key, value)
	if err := b.Put(key, value); err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return nil
}

// note remembers a changed episode.
func (t *Txn) note(in Bucket, key []byte) {
	if in == BucketSummaries {
		t.changed = append(t.changed, ulid.ULID(key))
	}
}

// PutJSON is [Txn.Put] of a value as JSON.
func (t *Txn) PutJSON(in Bucket, key []byte, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return t.Put(in, key, value)
}

// Delete removes a key. A missing key is not an error.
func (t *Txn) Delete(in Bucket, key []byte) error {
	t.note(in, key)
	b := t.Bucket([]byte(in))
	old := b.Get(key)
	if old == nil {
		return nil
	}
	t.sum -= EntryHash([]byte(in), key, old)
	if err := b.Delete(key); err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return nil
}

// Get returns the value of key, nil if there is none. The value is valid until the
// transaction ends.
func Get(tx *bbolt.Tx, in Bucket, key []byte) []byte {
	return tx.Bucket([]byte(in)).Get(key)
}

// GetJSON decodes the value of key into v and reports whether there was one.
func GetJSON(tx *bbolt.Tx, in Bucket, key []byte, v any) (bool, error) {
	value := Get(tx, in, key)
	if value == nil {
		return false, nil
	}
	if err := json.Unmarshal(value, v); err != nil {
		return false, fmt.Errorf("%s: %w", in, err)
	}
	return true, nil
}
