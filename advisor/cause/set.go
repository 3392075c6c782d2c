package cause

import (
	"encoding/binary"
	"math/bits"
)

// set is a set of rules, by their place in the list. It has room for as many
// rules as newSet was told; nil is the empty set.
type set []uint64

func newSet(rules int) set { return make(set, (rules+63)/64) }

func (c set) add(i int) { c[i/64] |= 1 << (i % 64) }

func (c set) has(i int) bool { return i/64 < len(c) && c[i/64]&(1<<(i%64)) != 0 }

func (c set) addAll(others set) {
	for w, word := range others {
		c[w] |= word
	}
}

// addCommon adds what two other sets have in common.
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

// first is the rule that a stack with these causes belongs to: the first one that
// is not released; -1 is none.
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

// appendKey appends bytes that are equal for equal sets of one list.
func (c set) appendKey(key []byte) []byte {
	for _, word := range c {
		key = binary.LittleEndian.AppendUint64(key, word)
	}
	return key
}
