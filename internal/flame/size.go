package flame

import "unsafe"

// What a name and an edge cost beside their bytes: an entry of the index of names,
// which is a hash table with some places free, and a place in that of the edges.
const (
	nodeBytes  = int64(unsafe.Sizeof(node{})) + 8 // and its samples
	nameBytes  = int64(unsafe.Sizeof(""))
	indexBytes = 2 * (nameBytes + 4)
	placeBytes = 4
)

// Bytes is about how much memory the tree holds, for a cache that is bounded by
// bytes. Trees that share memory (see [Tree.Only]) each count all of it.
func (t *Tree) Bytes() int64 {
	return nodeBytes*int64(cap(t.nodes)) + nameBytes*int64(cap(t.names)) + int64(t.nameBytes) +
		indexBytes*int64(len(t.ids)) + placeBytes*int64(len(t.edges.places))
}

// indexNames makes the index of the names, by which a name is found.
func (t *Tree) indexNames() {
	t.ids = make(map[string]uint32, len(t.names))
	for id, name := range t.names {
		t.ids[name] = uint32(id)
	}
}

// settle drops what is only needed while stacks are added. It comes back by itself
// when more are.
func (t *Tree) settle() {
	t.ids, t.edges = nil, edges{}
}
