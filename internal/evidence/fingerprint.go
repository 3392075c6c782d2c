package evidence

import (
	"fmt"
	"hash/maphash"
	"strings"
)

// Fingerprints recognise a profile that is given twice: twice the samples would look like
// twice the certainty.
type Fingerprints struct {
	seed  maphash.Seed
	names map[string]string // of the first profile, by mode and fingerprint
}

// Again reports whether an earlier profile has the same samples, and its name.
func (s *Fingerprints) Again(p Profile) (first string, again bool) {
	if s.names == nil {
		s.seed, s.names = maphash.MakeSeed(), map[string]string{}
	}
	key := p.Mode + " " + s.of(p)
	first, again = s.names[key]
	if !again {
		s.names[key] = p.Name
	}
	return first, again
}

// of does not depend on the order of the stacks: it sums up a hash of each.
func (s *Fingerprints) of(p Profile) string {
	var sum, samples uint64
	for stack, n := range p.Stacks {
		sum += maphash.String(s.seed, strings.Join(stack, "\x00")) * uint64(n)
		samples += uint64(n)
	}
	return fmt.Sprint(sum, samples)
}
