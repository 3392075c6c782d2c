package boltfile

import (
	"errors"
	"fmt"
	"io"
)

// maxDepth is larger than the depth of any real tree: every level multiplies the number
// of entries at least by two.
const maxDepth = 64

// Visitor receives every entry of a file, and every bucket as a key with a nil
// bucket and a nil value. The slices are valid until it returns.
type Visitor func(bucket, key, value []byte)

// pageReader walks the tree of a bbolt file and checks everything it reads: each page
// must have the right page id and a known kind, be reached once, lie inside the file,
// and hold its keys in order and within the range of its parent.
type pageReader struct {
	file  io.ReaderAt
	meta  meta
	seen  []bool // by page id
	visit Visitor
	// salvage goes on after a damage, and lost counts the pages that it leaves out.
	salvage bool
	lost    int
}

// Walk reads the whole file and calls visit for every entry. An error that wraps
// [ErrDamaged] describes the damage; any other error comes from reading.
func Walk(file io.ReaderAt, size int64, visit Visitor) (Head, error) {
	m, head, err := readMeta(file, size)
	if err != nil {
		return head, err
	}
	r := &pageReader{file: file, meta: m, seen: make([]bool, m.pages), visit: visit}
	if err := r.tree(nil, m.root, span{}, 0); err != nil {
		return head, err
	}
	return head, r.freelist()
}

func (r *pageReader) page(id uint64) (page, error) {
	if id < 2 || id >= r.meta.pages {
		return page{}, fmt.Errorf("%w: page %d does not exist", ErrDamaged, id)
	}
	head := make([]byte, pageHeaderSize)
	if err := r.read(head, id); err != nil {
		return page{}, err
	}
	p := parsePage(head)
	overflow := uint64(native.Uint32(head[12:]))
	if p.id != id || overflow >= r.meta.pages-id {
		return page{}, fmt.Errorf("%w: page %d has a wrong header", ErrDamaged, id)
	}
	for i := id; i <= id+overflow; i++ {
		if r.seen[i] {
			return page{}, fmt.Errorf("%w: page %d is reached twice", ErrDamaged, i)
		}
		r.seen[i] = true
	}
	p.data = make([]byte, (overflow+1)*r.meta.pageSize)
	return p, r.read(p.data, id)
}

func (r *pageReader) read(into []byte, id uint64) error {
	_, err := r.file.ReadAt(into, int64(id*r.meta.pageSize))
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: page %d lies beyond the end of the file", ErrDamaged, id)
	}
	return err
}

// Salvage calls visit for each entry of a damaged file that can be reached, and returns how many
// pages it left out, each with what lies below it. A key or a value may be damaged: nothing in the
// file says which. An error that wraps [ErrDamaged] says that no entry can be reached; any other
// error comes from reading.
func Salvage(file io.ReaderAt, size int64, visit Visitor) (lost int, err error) {
	m, _, err := readMeta(file, size)
	if err != nil && m.pageSize == 0 {
		return 0, err
	}
	r := &pageReader{file: file, meta: m, seen: make([]bool, m.pages), visit: visit, salvage: true}
	err = r.tree(nil, m.root, span{}, 0)
	return r.lost, err
}

// without goes on without a damaged page, if entries are salvaged.
func (r *pageReader) without(err error) error {
	if r.salvage && errors.Is(err, ErrDamaged) {
		r.lost++
		return nil
	}
	return err
}

// inOrder checks the keys of a page. A page out of order may still have sound entries.
func (r *pageReader) inOrder(p page, keys [][]byte, within span) error {
	if r.salvage {
		return nil
	}
	return p.inOrder(keys, within)
}

// tree walks the page id and everything below it.
func (r *pageReader) tree(bucket []byte, id uint64, within span, depth int) error {
	return r.without(r.subtree(bucket, id, within, depth))
}

func (r *pageReader) subtree(bucket []byte, id uint64, within span, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: page %d lies too deep", ErrDamaged, id)
	}
	p, err := r.page(id)
	if err != nil {
		return err
	}
	switch {
	case p.flags == flagLeaf:
		return r.leaf(bucket, p, within, depth)
	case p.flags == flagBranch && p.count > 0:
		return r.branch(bucket, p, within, depth)
	}
	return fmt.Errorf("%w: page %d has an unknown kind", ErrDamaged, id)
}

// branch walks the children of p. The keys of a child must begin with its own key and lie below the
// key of its right neighbour.
func (r *pageReader) branch(bucket []byte, p page, within span, depth int) error {
	keys := make([][]byte, p.count+1)
	keys[p.count] = within.high
	for i := range p.count {
		at, e, err := p.element(i)
		if err != nil {
			return err
		}
		keys[i], err = p.slice(at, native.Uint32(e), native.Uint32(e[4:]))
		if err != nil {
			return err
		}
	}
	if err := r.inOrder(p, keys[:p.count], within); err != nil {
		return err
	}
	for i := range p.count {
		_, e, _ := p.element(i)
		if err := r.tree(bucket, native.Uint64(e[8:]), span{keys[i], keys[i+1]}, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// leaf visits the entries of p. At the top level, where bucket is nil, every entry must
// be a bucket.
func (r *pageReader) leaf(bucket []byte, p page, within span, depth int) error {
	keys := make([][]byte, p.count)
	for i := range keys {
		at, e, err := p.element(i)
		if err != nil {
			return err
		}
		size := native.Uint32(e[8:])
		both, err := p.slice(at, native.Uint32(e[4:]), size, native.Uint32(e[12:]))
		if err != nil {
			return err
		}
		keys[i] = both[:size]
		value := both[size:]
		isBucket := native.Uint32(e) == flagBucket
		if isBucket != (bucket == nil) {
			return fmt.Errorf("%w: page %d has a bucket in a wrong place, or lacks one", ErrDamaged, p.id)
		}
		if !isBucket {
			r.visit(bucket, keys[i], value)
			continue
		}
		r.visit(nil, keys[i], nil)
		if err := r.without(r.bucket(keys[i], value, depth+1)); err != nil {
			return err
		}
	}
	return r.inOrder(p, keys, within)
}

// bucket walks a bucket. value holds the id of its root page, or the only page of a
// small bucket.
func (r *pageReader) bucket(name, value []byte, depth int) error {
	if len(name) == 0 || len(value) < bucketSize {
		return fmt.Errorf("%w: a bucket is cut short", ErrDamaged)
	}
	if root := native.Uint64(value); root != 0 {
		return r.tree(name, root, span{}, depth)
	}
	if len(value) < bucketSize+pageHeaderSize {
		return fmt.Errorf("%w: bucket %q is cut short", ErrDamaged, name)
	}
	p := parsePage(value[bucketSize:])
	if p.flags != flagLeaf {
		return fmt.Errorf("%w: bucket %q has an unknown kind", ErrDamaged, name)
	}
	return r.leaf(name, p, span{}, depth)
}

// longList in the header of a list of free pages means that the number of pages does not
// fit there: it is the first entry of the list.
const longList = 0xffff

// freePages returns the ids of the free pages, eight bytes each.
func freePages(p page) (ids []byte, ok bool) {
	if p.flags != flagFreelist {
		return nil, false
	}
	ids, count := p.data[pageHeaderSize:], uint64(p.count)
	if count == longList {
		if len(ids) < 8 {
			return nil, false
		}
		count, ids = native.Uint64(ids), ids[8:]
	}
	if count > uint64(len(ids)/8) {
		return nil, false
	}
	return ids[:8*count], true
}

// freelist checks the list of free pages: no page may be both free and used. Some files
// have no such list.
func (r *pageReader) freelist() error {
	if r.meta.freelist == noFreelist {
		return nil
	}
	p, err := r.page(r.meta.freelist)
	if err != nil {
		return err
	}
	ids, ok := freePages(p)
	if !ok {
		return fmt.Errorf("%w: the list of free pages can't be read", ErrDamaged)
	}
	for ; len(ids) > 0; ids = ids[8:] {
		id := native.Uint64(ids)
		if id < 2 || id >= r.meta.pages || r.seen[id] {
			return fmt.Errorf("%w: page %d is free and in use", ErrDamaged, id)
		}
		r.seen[id] = true
	}
	return r.complete()
}

// complete refuses a file with a page that is neither in use nor free: a changed number of free pages,
// or of the pages that continue another one, shows in nothing else.
func (r *pageReader) complete() error {
	for id := 2; id < len(r.seen); id++ {
		if !r.seen[id] {
			return fmt.Errorf("%w: page %d is neither in use nor free", ErrDamaged, id)
		}
	}
	return nil
}
