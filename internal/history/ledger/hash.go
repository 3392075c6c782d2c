package ledger

import (
	"encoding/binary"
	"hash/fnv"
)

// EntryHash is the hash of one entry. The digest is the sum of the hashes of all
// entries, so a transaction can update it without reading the other entries. The
// definition must never change.
func EntryHash(bucket, key, value []byte) uint64 {
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

// EncodeUint returns a number as the file has it.
func EncodeUint(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// DecodeUint returns the number in b, 0 if b is not a number.
func DecodeUint(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}
