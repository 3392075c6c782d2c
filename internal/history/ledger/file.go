// Package ledger is what all kinds of entries of the history have in common: the transaction, which
// keeps the digest of the file, the names of the buckets, and timelines, which are listed by job, run,
// vertex and time.
package ledger

import (
	"time"

	"go.etcd.io/bbolt"
)

// File runs transactions on the present file of a history. An error of Update is also one of the disk.
type File interface {
	Update(func(*Txn) error) error
	View(func(*bbolt.Tx) error) error
	// Now is the clock for the age of entries.
	Now() time.Time
}
