package flame

import "math"

// wilson is the score interval of a proportion of which count of n samples were
// seen: E. B. Wilson, "Probable inference, the law of succession, and statistical
// inference", JASA 22 (1927), 209–212. Unlike p ± z·√(p(1-p)/n) it holds for small
// counts, and has a width also where nothing was seen. n must be above zero.
func wilson(count, n int64, z float64) (low, high float64) {
	size, p := float64(n), float64(count)/float64(n)
	middle := p + z*z/(2*size)
	reach := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	scale := 1 + z*z/size
	return max(0, (middle-reach)/scale), min(1, (middle+reach)/scale)
}

// newcombe is the interval of by how much the proportion b of nb differs from a of
// na, made of the score intervals of both: method 10 of R. G. Newcombe, "Interval
// estimation for the difference between independent proportions: comparison of
// eleven methods", Statistics in Medicine 17 (1998), 873–890. na and nb must be
// above zero.
func newcombe(a, na, b, nb int64, z float64) (low, high float64) {
	before, after := float64(a)/float64(na), float64(b)/float64(nb)
	lowBefore, highBefore := wilson(a, na, z)
	lowAfter, highAfter := wilson(b, nb, z)
	change := after - before
	return change - math.Hypot(after-lowAfter, highBefore-before),
		change + math.Hypot(highAfter-after, before-lowBefore)
}

// deviate is how many standard deviations a normal variate stays within, on both
// sides, but for a chance of alpha.
func deviate(alpha float64) float64 { return math.Sqrt2 * math.Erfinv(1-alpha) }
