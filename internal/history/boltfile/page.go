package boltfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrDamaged is wrapped by every error about the content of a file.
var ErrDamaged = errors.New("damaged")

// The layout of a page in bbolt's file format 2, in the machine's byte order: a header
// of 16 bytes, then count elements of 16 bytes each, then their keys and values.
const (
	pageHeaderSize = 16
	elementSize    = 16
	bucketSize     = 16 // the size of the header before an inline bucket's page

	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagMeta     = 0x04
	flagFreelist = 0x10

	flagBucket = 0x01 // of a leaf element: its value is a bucket
)

var native = binary.NativeEndian

// page is one page with its overflow pages, read into memory.
type page struct {
	id    uint64
	flags uint16
	count int
	data  []byte // including the header
}

// span is the range of keys that a page may hold, [low, high); nil means no limit.
type span struct{ low, high []byte }

func parsePage(data []byte) page {
	return page{
		id:    native.Uint64(data),
		flags: native.Uint16(data[8:]),
		count: int(native.Uint16(data[10:])),
		data:  data,
	}
}

// element returns the i-th element of a page and its position. The positions inside an
// element are relative to it.
func (p page) element(i int) (at int, element []byte, err error) {
	at = pageHeaderSize + i*elementSize
	if at+elementSize > len(p.data) {
		return 0, nil, fmt.Errorf("%w: page %d is cut short", ErrDamaged, p.id)
	}
	return at, p.data[at : at+elementSize], nil
}

// slice returns the bytes from at+pos, with the length of the sum of sizes.
func (p page) slice(at int, pos uint32, sizes ...uint32) ([]byte, error) {
	from := uint64(at) + uint64(pos)
	to := from
	for _, size := range sizes {
		to += uint64(size)
	}
	if to > uint64(len(p.data)) {
		return nil, fmt.Errorf("%w: page %d points outside itself", ErrDamaged, p.id)
	}
	return p.data[from:to], nil
}

// inOrder checks the keys of a page. The first one is the key that the parent has for the page: bbolt
// replaces that key with the page, and would keep the old page if they differed.
func (p page) inOrder(keys [][]byte, within span) error {
	for i, key := range keys {
		switch {
		case i > 0 && bytes.Compare(keys[i-1], key) >= 0,
			i == 0 && within.low != nil && !bytes.Equal(key, within.low),
			within.high != nil && bytes.Compare(key, within.high) >= 0:
			return fmt.Errorf("%w: page %d holds its keys out of order", ErrDamaged, p.id)
		}
	}
	return nil
}
