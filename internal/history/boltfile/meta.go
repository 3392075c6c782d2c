package boltfile

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
)

const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2
	noFreelist  = math.MaxUint64

	metaSize       = 64
	minPageSize    = 512
	maxPageSize    = 1 << 16
	checksummed    = metaSize - 8
	metaHeaderSize = pageHeaderSize + metaSize
)

// meta is one of the two meta pages of a bbolt file. The transactions write them
// alternately, and the one with the higher txid is valid.
type meta struct {
	pageSize uint64
	root     uint64
	freelist uint64
	pages    uint64 // all used pages have a lower id
	txid     uint64
}

// Head is the state of the two meta pages of a file.
type Head struct {
	// Damaged is the damage of one meta page if the other one is sound; nil if both
	// are. The sound page may point to a state that is older by one transaction.
	Damaged error
}

// readMeta returns the valid meta page: the sound one with the later transaction. bbolt
// chooses in the same way but does not report damage.
func readMeta(file io.ReaderAt, size int64) (meta, Head, error) {
	first, err := metaAt(file, 0, 0)
	if err != nil {
		return otherMeta(file, size, err)
	}
	second, err := metaAt(file, int64(first.pageSize), 1)
	if err == nil && second.pageSize != first.pageSize {
		err = fmt.Errorf("%w: the meta pages disagree on the page size", ErrDamaged)
	}
	switch {
	case errors.Is(err, ErrDamaged):
		return first, Head{Damaged: err}, first.fits(size)
	case err != nil:
		return meta{}, Head{}, err
	case second.txid > first.txid:
		return second, Head{}, second.fits(size)
	}
	return first, Head{}, first.fits(size)
}

// otherMeta searches for the second meta page if the first one is damaged. The page size in
// the first one determines the place of the second one, so all possible sizes are
// tried.
func otherMeta(file io.ReaderAt, size int64, damage error) (meta, Head, error) {
	if !errors.Is(damage, ErrDamaged) {
		return meta{}, Head{}, damage
	}
	for pageSize := int64(minPageSize); pageSize <= maxPageSize; pageSize *= 2 {
		m, err := metaAt(file, pageSize, 1)
		if err == nil && int64(m.pageSize) == pageSize {
			return m, Head{Damaged: damage}, m.fits(size)
		}
	}
	return meta{}, Head{}, damage
}

// fits checks that the used pages lie within the file.
func (m meta) fits(size int64) error {
	if m.pages > uint64(size)/m.pageSize {
		return fmt.Errorf("%w: the file is cut short, %d pages of %d bytes don't fit into %d bytes",
			ErrDamaged, m.pages, m.pageSize, size)
	}
	return nil
}

func metaAt(file io.ReaderAt, offset int64, id uint64) (meta, error) {
	data := make([]byte, metaHeaderSize)
	if _, err := file.ReadAt(data, offset); errors.Is(err, io.EOF) {
		return meta{}, fmt.Errorf("%w: the file ends within its first pages", ErrDamaged)
	} else if err != nil {
		return meta{}, err
	}
	p, body := parsePage(data), data[pageHeaderSize:]
	sum := fnv.New64a()
	sum.Write(body[:checksummed])
	if p.id != id || p.flags != flagMeta || !hasMagic(body) || native.Uint32(body[4:]) != boltVersion ||
		sum.Sum64() != native.Uint64(body[checksummed:]) {
		return meta{}, fmt.Errorf("%w: meta page %d is not sound", ErrDamaged, id)
	}
	m := meta{
		pageSize: uint64(native.Uint32(body[8:])),
		root:     native.Uint64(body[16:]),
		freelist: native.Uint64(body[32:]),
		pages:    native.Uint64(body[40:]),
		txid:     native.Uint64(body[48:]),
	}
	if m.pageSize < minPageSize || m.pageSize > maxPageSize || m.pageSize&(m.pageSize-1) != 0 {
		return meta{}, fmt.Errorf("%w: a page size of %d bytes", ErrDamaged, m.pageSize)
	}
	return m, nil
}

func hasMagic(body []byte) bool {
	return len(body) >= 4 && native.Uint32(body) == boltMagic
}

// LooksLikeBolt distinguishes a damaged bbolt file from a file of another kind, which
// was named by mistake and must not change. A bbolt file begins like a meta page or
// with zeros, or has the magic number at a possible place of a meta page.
func LooksLikeBolt(file io.ReaderAt) bool {
	head := make([]byte, maxPageSize+metaHeaderSize)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	head = head[:n]
	begin := make([]byte, pageHeaderSize)
	begin = begin[:min(n, pageHeaderSize)]
	zeros := bytes.Clone(begin)
	if n >= 10 {
		native.PutUint16(begin[8:], flagMeta)
	}
	if bytes.HasPrefix(head, begin) || bytes.HasPrefix(head, zeros) || hasMagic(head[min(n, pageHeaderSize):]) {
		return true
	}
	for size := minPageSize; size <= maxPageSize; size *= 2 {
		if hasMagic(head[min(n, size+pageHeaderSize):]) {
			return true
		}
	}
	return false
}
