package cause

import (
	"encoding/binary"
	"math/bits"
)

// set is a set of rules, by their index in the list. newSet fixes its capacity; nil is
// the empty set.
type set []uint64

func newSet(rules int) set { return make(set, (rules+63)/64) }

func (c set) add(i int) { c[i/64] |= 1 << (i % 64) }

func (c set) has(i int) bool { return i/64 < len(c) && c[i/64]&(1<<(i%64)) != 0 }

func (c set) addAll(others set) {
	for w, word := range others {
		c[w] |= word
	}
}

// addCommon adds the intersection of two other sets.
func (c set) addCommon(a, b set) {
	for w, word := range a {
		c[w] |= word & b[w]
	}
}

func (c set) removeAll(others set) {
	for w, word := range others {
		c[w] &^= word
	}
}

// first returns the rule that owns a stack with these causes: the first one that is not
// released, -1 if there is none.
func (c set) first(released set) int {
	for w, word := range c {
		if w < len(released) {
			word &^= released[w]
		}
		if word != 0 {
			return w*64 + bits.TrailingZeros64(word)
		}
	}
	return -1
}

// appendKey appends a key of the set. Equal sets of one list have equal keys.
func (c set) appendKey(key []byte) []byte {
	for _, word := range c {
		key = binary.LittleEndian.AppendUint64(key, word)
	}
	return key
}
