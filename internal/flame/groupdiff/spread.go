package groupdiff

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat"
)

// angles turns counts into values whose sampling variance does not depend on the share:
// asin(√((x+3/8)/(n+3/4))), with the variance 1/(4n). F. J. Anscombe, "The transformation of
// Poisson, binomial and negative-binomial data", Biometrika 35 (1948), 246–254.
func angles(counts, samples []int64) (out []float64) {
	for i, x := range counts {
		out = append(out, math.Asin(math.Sqrt((float64(x)+0.375)/(float64(samples[i])+0.75))))
	}
	return out
}

// shareOf is the share that belongs to an angle.
func shareOf(angle float64) float64 {
	s := math.Sin(min(max(angle, 0), math.Pi/2))
	return s * s
}

// spread is the variance of the angles of one group of profiles, beyond one frame.
type spread struct {
	// sampling is the mean sampling variance, between the part of the variance that grows with
	// the share: profiles differ by some part of each share.
	sampling, between float64
	// ratio and freedom say how much the variances of single frames differ from that: their
	// typical ratio to it, and how many degrees of freedom that is worth.
	ratio, freedom float64
}

// observed is a frame in one group of profiles.
type observed struct {
	mean, variance float64 // of the angles
}

func observe(counts, samples []int64) observed {
	mean, variance := stat.MeanVariance(angles(counts, samples), nil)
	return observed{mean, variance}
}

// spreadOf learns the spread from all frames: three profiles alone say little about the spread
// of one frame, but all frames together say much.
func spreadOf(frames []observed, samples []int64) spread {
	s := spread{ratio: 1}
	for _, n := range samples {
		s.sampling += 1 / (4 * float64(n)) / float64(len(samples))
	}
	above, weights := 0.0, 0.0
	for _, f := range frames {
		p := shareOf(f.mean)
		above += (f.variance - s.sampling) * p
		weights += p * p
	}
	if weights > 0 {
		s.between = max(0, above/weights)
	}
	s.moderate(frames, float64(len(samples)-1))
	return s
}

// expected is the variance of a frame by its share.
func (s spread) expected(mean float64) float64 { return s.sampling + s.between*shareOf(mean) }

// moderate sets ratio and freedom so that the observed ratios have the distribution of a
// variance whose true value varies: G. K. Smyth, "Linear models and empirical Bayes methods for
// assessing differential expression in microarray experiments", Statistical Applications in
// Genetics and Molecular Biology 3 (2004), section 6.2. d is the degrees of freedom of a
// frame's own variance.
func (s *spread) moderate(frames []observed, d float64) {
	var logs []float64
	for _, f := range frames {
		if f.variance > 0 {
			logs = append(logs, math.Log(f.variance/s.expected(f.mean))-mathext.Digamma(d/2)+math.Log(d/2))
		}
	}
	if len(logs) < 2 {
		return
	}
	mean, variance := stat.MeanVariance(logs, nil)
	excess := variance - trigamma(d/2)
	if excess <= 0 { // the frames differ by no more than chance
		s.ratio, s.freedom = math.Exp(mean), mostFreedom
		return
	}
	s.freedom = min(2*trigammaInverse(excess), mostFreedom)
	s.ratio = math.Exp(mean + mathext.Digamma(s.freedom/2) - math.Log(s.freedom/2))
}

// mostFreedom is the maximum number of degrees of freedom of the shared variance.
const mostFreedom = 100

// of is the variance of a frame, from its own angles and from what all frames say, and its
// degrees of freedom. It is never below the sampling variance.
func (s spread) of(f observed, d float64) (variance, freedom float64) {
	variance = (s.freedom*s.ratio*s.expected(f.mean) + d*f.variance) / (s.freedom + d)
	return max(variance, s.sampling), s.freedom + d
}

// trigamma is the second derivative of the logarithm of the gamma function.
func trigamma(x float64) float64 { return mathext.Zeta(2, x) }

// trigammaInverse solves trigamma(x) = y for y > 0 by bisection, because trigamma falls.
func trigammaInverse(y float64) float64 {
	low, high := 1e-6, 1e6
	for range 200 {
		middle := math.Sqrt(low * high)
		if trigamma(middle) > y {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}
