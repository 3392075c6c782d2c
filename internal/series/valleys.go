package series

import "time"

// Valleys returns the samples after each fall of a saw-tooth: those that are lower than every sample
// within reach before them, and not higher than any within reach after them. The nearest sample on
// each side always counts as within reach. Where collections are frequent, used memory has many more
// valleys than [Minima] has stretches.
func Valleys(samples []Sample, reach time.Duration) []Sample {
	var out []Sample
	for i := 1; i+1 < len(samples); i++ {
		if lowest(samples, i, reach) {
			out = append(out, samples[i])
		}
	}
	return out
}

// lowest reports whether no sample near one is lower. Of equal ones the first is the lowest.
func lowest(samples []Sample, i int, reach time.Duration) bool {
	s := samples[i]
	for k := i - 1; k >= 0 && (k == i-1 || s.T.Sub(samples[k].T) <= reach); k-- {
		if samples[k].V <= s.V {
			return false
		}
	}
	for k := i + 1; k < len(samples) && (k == i+1 || samples[k].T.Sub(s.T) <= reach); k++ {
		if samples[k].V < s.V {
			return false
		}
	}
	return true
}
