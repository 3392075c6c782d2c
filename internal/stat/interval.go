package stat

import "math"

// Wilson returns the score interval of a proportion, at z standard deviations, if count of n
// samples have the property: E. B. Wilson, "Probable inference, the law of succession, and
// statistical inference", JASA 22 (1927), 209–212, without a continuity correction. Unlike
// p ± z·√(p(1-p)/n) it holds for small counts, and has a width for count 0. Without samples
// it is 0 to 1.
func Wilson(count, n int64, z float64) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	size, p := float64(n), float64(count)/float64(n)
	middle := p + z*z/(2*size)
	reach := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	scale := 1 + z*z/size
	return max(0, (middle-reach)/scale), min(1, (middle+reach)/scale)
}

// Newcombe returns the interval of the difference b/nb - a/na of two proportions, at z
// standard deviations. It combines the score intervals of both: method 10 of R. G. Newcombe,
// "Interval estimation for the difference between independent proportions: comparison of
// eleven methods", Statistics in Medicine 17 (1998), 873–890. na and nb must be above zero.
func Newcombe(a, na, b, nb int64, z float64) (low, high float64) {
	before, after := float64(a)/float64(na), float64(b)/float64(nb)
	lowBefore, highBefore := Wilson(a, na, z)
	lowAfter, highAfter := Wilson(b, nb, z)
	change := after - before
	return change - math.Hypot(after-lowAfter, highBefore-before),
		change + math.Hypot(highAfter-after, before-lowBefore)
}

// Deviate returns the two-sided critical value z of the normal distribution: a normal
// variate lies more than z standard deviations from its mean with probability alpha. It is
// 1.96 for 0.05. For a one-sided interval with error alpha use Deviate(2·alpha).
func Deviate(alpha float64) float64 { return math.Sqrt2 * math.Erfinv(1-alpha) }
