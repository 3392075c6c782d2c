package stat

import "math"

const (
	// dependenceMargin is added to an estimated correlation, divided by the root of the number of
	// values: each underestimate may cause a false verdict. It was chosen by simulation; the test of
	// false verdicts measures it.
	dependenceMargin = 0.5
	// mostDependent bounds the correlation of successive values. Nearer to 1 a wander and a change
	// are the same.
	mostDependent = 0.95
)

// WelchSuccessive is [Welch] for values that follow each other in time, of which successive ones may
// be alike. It takes each side for a process in which values k apart have the correlation ρ^k
// (AR(1)), with the same ρ on both sides. The variance of a mean is then (1 + ρ) / (1 - ρ) times
// that of independent values, and a side is worth that many times fewer of them.
//
// ρ is the correlation of neighbours about the mean of their side. That estimate is too small, by
// (1 + 4ρ)/n for each side of n values (F. H. C. Marriott and J. A. Pope, "Bias in the estimation of
// autocorrelations", Biometrika 41 (1954), 390–402). So the mean error is removed, and a margin is
// added. Values that alternate count as independent.
func WelchSuccessive(before, after []float64, alpha float64) (d Difference, ok bool) {
	estimate, spread, freedom, ok := WelchError(before, after)
	if !ok {
		return d, false
	}
	stretch := successive(before, after)
	return difference(estimate, spread*math.Sqrt(stretch), max(1, freedom/stretch), alpha)
}

// successive is by how much the variance of a mean exceeds that of independent values.
func successive(sides ...[]float64) float64 {
	products, squares, n := 0.0, 0.0, 0
	for _, values := range sides {
		mean := 0.0
		for _, v := range values {
			mean += v / float64(len(values))
		}
		for i, v := range values {
			squares += (v - mean) * (v - mean)
			if i > 0 {
				products += (v - mean) * (values[i-1] - mean)
			}
		}
		n += len(values)
	}
	if squares == 0 {
		return 1
	}
	all, k := float64(n), float64(len(sides))
	rho := mostDependent
	if all > 4*k {
		rho = (all*products/squares+k)/(all-4*k) + dependenceMargin/math.Sqrt(all)
	}
	rho = min(max(rho, 0), mostDependent)
	return (1 + rho) / (1 - rho)
}
