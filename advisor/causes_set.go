package advisor

import (
	"encoding/binary"
	"math/bits"
)

// causes is a set of rules, by their place in the list. It has room for as many
// rules as newCauses was told; nil is the empty set.
type causes []uint64

func newCauses(rules int) causes { return make(causes, (rules+63)/64) }

func (c causes) add(i int) { c[i/64] |= 1 << (i % 64) }

func (c causes) has(i int) bool { return i/64 < len(c) && c[i/64]&(1<<(i%64)) != 0 }

func (c causes) addAll(others causes) {
	for w, word := range others {
		c[w] |= word
	}
}

// addCommon adds what two other sets have in common.
func (c causes) addCommon(a, b causes) {
	for w, word := range a {
		c[w] |= word & b[w]
	}
}

func (c causes) removeAll(others causes) {
	for w, word := range others {
		c[w] &^= word
	}
}

// first is the rule that a stack with these causes belongs to, when those in
// released have given their stacks up; -1 is none.
func (c causes) first(released causes) int {
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
func (c causes) appendKey(key []byte) []byte {
	for _, word := range c {
		key = binary.LittleEndian.AppendUint64(key, word)
	}
	return key
}
