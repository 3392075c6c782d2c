package stat

import "math"

// autocorrelationMargin is a part of the correction of the slope's error for
// autocorrelation.
//
// Model: value = line + noise, where each noise term is ρ times the term before plus an
// independent innovation (an AR(1) process). Given ρ, the variance of the least-squares
// slope follows exactly, for any number of samples: with w the centred times and
// R the matrix of ρ^|i-j|,
//
//	Var(slope) = σ² · wᵀRw / (wᵀw)²      σ² = s² / (1-ρ²)
//
// where s² is the variance of the innovations. The effective number of samples, which is
// the number of independent samples with the same information, is N · wᵀw / wᵀRw.
//
// The difficult part is ρ. The estimate from residuals is too small, by (2+4ρ)/N on average
// (Kendall; Marriott and Pope; for a fitted line), and often by much more in short windows.
// Each underestimate may cause a false alarm. So the mean error is removed, and a margin of
// autocorrelationMargin/N^(3/2) is added, up to 1-1/N. At 1-1/N a window cannot distinguish
// autocorrelation from a random walk. With up to about fifteen samples it never can, so the
// largest ρ is always used there.
//
// The margin was chosen by simulation, so that the nominal error of 1 % is at most 1.5 % per
// evaluation for every ρ ≤ 0.9 and every N. The calibration test measures it.
const autocorrelationMargin = 65

// doubt sets the errors of the line.
func (l *Line) doubt(c centres, m moments, times, values []float64) {
	n := float64(l.N)
	r := l.residuals(c, times, values)
	rho := r.autocorrelation(n)
	variance := r.innovation(rho) / (n - 3) / (1 - rho*rho)

	times2 := correlated(rho, c, times)
	slopeVariance := variance * times2 / (m.timeTime * m.timeTime)
	// The variance of the mean is σ²·1ᵀR1/N², a geometric sum. Evenly spaced times are
	// symmetric about their mean, so the mean and the slope do not correlate.
	one := 1 - rho
	ones := n*(1+rho)/one - 2*rho*(1-math.Pow(rho, n))/(one*one)
	meanVariance := variance * ones / (n * n)

	// The level is the mean moved along the line from c.time to time 0.
	l.levelVariance = meanVariance + c.time*c.time*slopeVariance
	l.covariance = -c.time * slopeVariance
	l.spread = variance
	l.SlopeError = math.Sqrt(slopeVariance)
	l.Autocorrelation = rho
	l.EffectiveN = n * m.timeTime / times2
}

// residuals are sums over the residuals e[i] of the line. The autocorrelation is estimated
// from them.
type residuals struct {
	squares     float64 // Σ e[i]²
	products    float64 // Σ e[i]·e[i-1]
	first, last float64
}

func (l *Line) residuals(c centres, times, values []float64) residuals {
	var r residuals
	before := 0.0
	values = values[:len(times)]
	for i := range times {
		e := (values[i] - c.value) - l.Slope*(times[i]-c.time)
		r.squares += e * e
		r.products += e * before
		before = e
	}
	r.first = (values[0] - c.value) - l.Slope*(times[0]-c.time)
	r.last = before
	return r
}

// autocorrelation estimates ρ, more often too large than too small: see the top of this
// file.
func (r residuals) autocorrelation(n float64) float64 {
	if r.squares == 0 {
		return 0
	}
	estimate := r.products / r.squares
	unbiased := (n*estimate + 2) / (n - 4)
	return min(max(0, unbiased+autocorrelationMargin/(n*math.Sqrt(n))), 1-1/n)
}

// innovation is the sum of squares of the innovations. The first residual is scaled to have
// the same variance as the others.
func (r residuals) innovation(rho float64) float64 {
	first, last := r.first*r.first, r.last*r.last
	sum := (r.squares - first) + rho*rho*(r.squares-last) - 2*rho*r.products + (1-rho*rho)*first
	return max(0, sum)
}

// correlated computes wᵀRw for the centred times w in one pass. It carries the weighted sum
// of the earlier times along.
func correlated(rho float64, c centres, times []float64) float64 {
	var total, past float64 // past is Σ ρ^k·w[i-k], k ≥ 1
	for _, t := range times {
		w := t - c.time
		total += w * (w + 2*past)
		past = rho*past + rho*w
	}
	return total
}
