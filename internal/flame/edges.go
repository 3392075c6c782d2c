package flame

// edges finds a node by its parent and its name. It is a hash table with open
// addressing that holds only indices of nodes; 0 is a free place. A built-in map would
// need several times the memory of the nodes. New nodes enter the table at the next
// search, because the readers of pages add most nodes without a search.
type edges struct {
	places []int32 // the length is a power of two; at most three quarters are taken
	known  int     // the number of nodes in the table, including the root
}

func (e *edges) find(nodes []node, parent int32, name uint32) (at int32, ok bool) {
	e.catchUp(nodes)
	mask := uint32(len(e.places) - 1)
	for place := hash(parent, name) & mask; ; place = (place + 1) & mask {
		at := e.places[place]
		if at == 0 {
			return 0, false
		}
		if n := &nodes[at]; n.parent == parent && n.name == name {
			return at, true
		}
	}
}

// catchUp adds the nodes that were created since the last call.
func (e *edges) catchUp(nodes []node) {
	if size := max(64, len(e.places)); len(nodes) > size/4*3 || e.places == nil {
		for len(nodes) > size/4*3 {
			size *= 2
		}
		e.places, e.known = make([]int32, size), 1
	}
	for ; e.known < len(nodes); e.known++ {
		e.put(nodes, int32(e.known))
	}
}

func (e *edges) put(nodes []node, at int32) {
	mask := uint32(len(e.places) - 1)
	place := hash(nodes[at].parent, nodes[at].name) & mask
	for e.places[place] != 0 {
		place = (place + 1) & mask
	}
	e.places[place] = at
}

// hash mixes the parent and the name into all bits.
func hash(parent int32, name uint32) uint32 {
	h := mixed(uint64(uint32(parent))<<32 | uint64(name))
	return uint32(h ^ h>>33)
}

// mixed is the finalizer of MurmurHash3 without its last step.
func mixed(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h
}
