package history

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"

	"github.com/flink-sidecar/flink-sidecar/internal/history/boltfile"
)

// entryHash is the hash of one entry. The digest is the sum of the hashes of all
// entries, so a transaction can update it without reading the other entries. The
// definition must never change.
func entryHash(bucket, key, value []byte) uint64 {
	h := fnv.New64a()
	var size [8]byte
	binary.BigEndian.PutUint32(size[:4], uint32(len(bucket)))
	binary.BigEndian.PutUint32(size[4:], uint32(len(key)))
	h.Write(size[:])
	h.Write(bucket)
	h.Write(key)
	h.Write(value)
	return h.Sum64()
}

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
	if string(bucket) == string(bucketMeta) {
		switch string(key) {
		case keyDigest:
			c.digest = append([]byte{}, value...)
			return
		case keySchema:
			c.schema = decodeUint(value)
		}
	}
	c.sum += entryHash(bucket, key, value)
}

func (c *contents) judge() error {
	switch {
	case c.entries == 0:
		return nil // bbolt created the file, but our first transaction did not happen
	case c.digest == nil && c.schema == 0:
		return ErrForeign
	case c.digest == nil || decodeUint(c.digest) != c.sum:
		return fmt.Errorf("%w: its entries differ from those last written", boltfile.ErrDamaged)
	case c.schema > uint64(len(migrations)):
		return fmt.Errorf("%w: it has schema %d, this sidecar knows up to %d", ErrNewer, c.schema, len(migrations))
	}
	return nil
}

func encodeUint(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// decodeUint returns the number in b, 0 if b is not a number.
func decodeUint(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}
