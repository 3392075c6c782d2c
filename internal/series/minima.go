package series

import "time"

// Minima reduces a saw-tooth to its lower edge: the lowest sample of each
// stretch of time of the given length. It is how a heap's use is read: what is
// left after a garbage collection is the lowest of a stretch that contains one.
//
// Only stretches that were seen whole count, since the minimum of a part lies
// above that of the whole. The first one, which the window's edge cuts anywhere,
// is left out, and so is one that hasn't ended at now. Stretches begin at
// multiples of their length since the epoch, so that they stay where they are
// while the window moves on.
func Minima(samples []Sample, stretch time.Duration, now time.Time) []Sample {
	var out []Sample
	first, current := int64(0), int64(0)
	for i, s := range samples {
		n := s.T.UnixNano() / int64(stretch)
		switch {
		case i == 0:
			first = n
		case n == first:
		case n != current:
			out = append(out, s)
		case s.V < out[len(out)-1].V:
			out[len(out)-1] = s
		}
		current = n
	}
	if len(out) > 0 && now.UnixNano()/int64(stretch) <= current {
		out = out[:len(out)-1]
	}
	return out
}
