package groupdiff

import (
	"math"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// tested is a frame with its test.
type tested struct {
	name       string
	base, next observed
	// err is the standard error of the difference of the mean angles, freedom its degrees of
	// freedom, p the two-sided probability of such a difference by chance.
	err, freedom, p float64
	// varBase and varNext are the variances of the mean angles, after is the spread of the later
	// group.
	varBase, varNext float64
	after            spread
}

// test is Welch's test on the mean angles, with the moderated variances.
func test(name string, base, next observed, before, after spread, baseSize, nextSize int) tested {
	n, m := float64(baseSize), float64(nextSize)
	varBase, freeBase := before.of(base, n-1)
	varNext, freeNext := after.of(next, m-1)
	a, b := varBase/n, varNext/m
	t := tested{name: name, base: base, next: next, err: math.Sqrt(a + b), varBase: a, varNext: b, after: after}
	t.freedom = (a + b) * (a + b) / (a*a/freeBase + b*b/freeNext)
	t.p = stat.TwoSided((next.mean-base.mean)/t.err, t.freedom)
	return t
}

// detectable is the smallest growth of the share that as many profiles find in four of five
// comparisons, at an error probability alpha of one test, if this is their spread. As the spread
// is only estimated, they find it in about three of four. A larger share has a larger spread.
func (t tested) detectable(alpha float64) float64 {
	grown := t.base.mean
	for range 3 { // each time with the spread at the growth before
		wider := t.after.expected(grown) / t.after.expected(t.base.mean)
		d := stat.Difference{Error: math.Sqrt(t.varBase + t.varNext*max(1, wider)), Freedom: t.freedom}
		grown = t.base.mean + d.Detectable(alpha, 0.8)
	}
	return shareOf(grown) - shareOf(t.base.mean)
}
