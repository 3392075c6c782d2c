package flame

import "unsafe"

// Estimated memory in bytes for each node, name and edge. The index of names is a hash
// table that is partly empty, so an entry counts twice.
const (
	nodeBytes  = int64(unsafe.Sizeof(node{})) + 8 // a node and its samples
	nameBytes  = int64(unsafe.Sizeof(""))
	indexBytes = 2 * (nameBytes + 4)
	placeBytes = 4
)

// Bytes estimates the memory that the tree uses, for a cache that is limited in
// bytes. Trees that share memory (see [Tree.Only]) each count all of it.
func (t *Tree) Bytes() int64 {
	return nodeBytes*int64(cap(t.nodes)) + nameBytes*int64(cap(t.names)) + int64(t.nameBytes) +
		indexBytes*int64(len(t.ids)) + placeBytes*int64(len(t.edges.places))
}

// indexNames builds the index that finds a name.
func (t *Tree) indexNames() {
	t.ids = make(map[string]uint32, len(t.names))
	for id, name := range t.names {
		t.ids[name] = uint32(id)
	}
}

// settle frees the indexes that are needed only while stacks are added. The next addition
// builds them again.
func (t *Tree) settle() {
	t.ids, t.edges = nil, edges{}
}
