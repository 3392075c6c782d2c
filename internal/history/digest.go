package history

import (
	"errors"
	"fmt"
	"io"

	"github.com/flink-sidecar/flink-sidecar/internal/history/boltfile"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// contents is the result of the inspection of a file.
type contents struct {
	entries int
	sum     uint64 // of the entries in the file
	digest  []byte // as stored by the last transaction; nil if there is none
	schema  uint64
}

// inspect reads a whole file, on which no transaction may be active. Its errors are
// [boltfile.ErrDamaged], [ErrForeign], [ErrNewer], or come from reading.
func inspect(file io.ReaderAt, size int64) (boltfile.Head, error) {
	var c contents
	head, err := boltfile.Walk(file, size, c.add)
	if err != nil {
		if errors.Is(err, boltfile.ErrDamaged) && !boltfile.LooksLikeBolt(file) {
			return head, ErrForeign
		}
		return head, err
	}
	return head, c.judge()
}

func (c *contents) add(bucket, key, value []byte) {
	c.entries++
	if string(bucket) == string(ledger.BucketMeta) {
		switch string(key) {
		case ledger.KeyDigest:
			c.digest = append([]byte{}, value...)
			return
		case ledger.KeySchema:
			c.schema = ledger.DecodeUint(value)
		}
	}
	c.sum += ledger.EntryHash(bucket, key, value)
}

func (c *contents) judge() error {
	switch {
	case c.entries == 0:
		return nil // bbolt created the file, but our first transaction did not happen
	case c.digest == nil && c.schema == 0:
		return ErrForeign
	case c.digest == nil || ledger.DecodeUint(c.digest) != c.sum:
		return fmt.Errorf("%w: its entries differ from those last written", boltfile.ErrDamaged)
	case c.schema > uint64(len(migrations)):
		return fmt.Errorf("%w: it has schema %d, this sidecar knows up to %d", ErrNewer, c.schema, len(migrations))
	}
	return nil
}
