package series

import "time"

// Minima reduces a sawtooth signal to its lower edge: the lowest sample of each stretch of
// time of the given length. Heap usage needs this: the heap after a garbage collection is
// the lowest value of a stretch that contains a collection.
//
// Only complete stretches count, because the minimum of a part may be higher than the
// minimum of the whole. So the first stretch, which the window may cut, is left out, and so
// is a stretch that has not ended at the time now. Stretches begin at multiples of their
// length since the Unix epoch, so they do not move with the window.
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
