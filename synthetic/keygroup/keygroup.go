// Package keygroup computes which subtask of a keyed vertex gets a key, as Flink does. Flink
// hashes a key into one of maxParallelism key groups, and gives each subtask a range of them.
package keygroup

import (
	"fmt"
	"math"
	"math/bits"
	"unicode/utf16"
)

// Layout is how a vertex divides its key groups. Both numbers are at least 1.
type Layout struct {
	// Parallelism is the number of subtasks, MaxParallelism the number of key groups, which
	// is not below it.
	Parallelism, MaxParallelism int
}

// maxKeyGroups is the most key groups that Flink allows
// (KeyGroupRangeAssignment.UPPER_BOUND_MAX_PARALLELISM).
const maxKeyGroups = 1 << 15

// Valid reports whether Flink accepts the layout.
func (l Layout) Valid() bool {
	return l.Parallelism >= 1 && l.Parallelism <= l.MaxParallelism && l.MaxParallelism <= maxKeyGroups
}

// Subtask returns the index of the subtask that gets a key of Java's type String. The layout
// must be valid. Source: KeyGroupRangeAssignment.assignKeyToParallelOperator.
func (l Layout) Subtask(key string) int {
	return l.group(key) * l.Parallelism / l.MaxParallelism
}

// group is the key group of a key. Source: KeyGroupRangeAssignment.assignToKeyGroup.
func (l Layout) group(key string) int { return int(murmur(javaHash(key))) % l.MaxParallelism }

// maxTries bounds the search of Keys for each subtask.
const maxTries = 1000

// Keys returns one key for each subtask, in the order of the subtasks: PREFIX-N with the
// smallest number N that the subtask gets. It returns an error if the layout is not valid.
func (l Layout) Keys(prefix string) ([]string, error) {
	if !l.Valid() {
		return nil, fmt.Errorf("%d subtasks with %d key groups are not a layout of Flink", l.Parallelism, l.MaxParallelism)
	}
	keys, missing := make([]string, l.Parallelism), l.Parallelism
	for n := 0; missing > 0 && n < maxTries*l.MaxParallelism; n++ {
		key := fmt.Sprintf("%s-%d", prefix, n)
		if at := l.Subtask(key); keys[at] == "" {
			keys[at] = key
			missing--
		}
	}
	if missing > 0 {
		return nil, fmt.Errorf("no key with the prefix %q was found for %d of %d subtasks", prefix, missing, l.Parallelism)
	}
	return keys, nil
}

// javaHash is Java's String.hashCode: over the units of UTF-16.
func javaHash(text string) int32 {
	var hash int32
	for _, unit := range utf16.Encode([]rune(text)) {
		hash = 31*hash + int32(unit)
	}
	return hash
}

// murmur is MurmurHash 3 of one number, never negative. Source:
// org.apache.flink.util.MathUtils.murmurHash.
func murmur(code int32) int32 {
	h := uint32(code) * 0xcc9e2d51
	h = bits.RotateLeft32(h, 15) * 0x1b873593
	h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	h ^= 4
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	h ^= h >> 16
	switch mixed := int32(h); {
	case mixed >= 0:
		return mixed
	case mixed == math.MinInt32:
		return 0
	default:
		return -mixed
	}
}
