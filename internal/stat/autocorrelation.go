package stat

import "math"

// How the error of a slope is corrected for autocorrelation.
//
// Model: value = line + noise, where each noise is ρ times the one before plus
// something new (an AR(1) process). Given ρ, the variance of the least-squares
// slope follows exactly, for any number of samples: with w the centred times and
// R the matrix of ρ^|i-j|,
//
//	Var(slope) = σ² · wᵀRw / (wᵀw)²      σ² = s² / (1-ρ²)
//
// where s² is the variance of the new parts, of which a window has nearly as
// many as samples: they are independent. The effective number of samples, the
// one that would do as well if they were independent, is N · wᵀw / wᵀRw.
//
// The weak point is ρ. Estimated from residuals it comes out too small, by
// (2+4ρ)/N on average (Kendall; Marriott and Pope; for a fitted line), and in
// short windows often by much more; and each underestimate is a false alarm.
// Two things are done: the mean error is removed, and a margin of
// autocorrelationMargin/N^(3/2) is added, up to 1-1/N. That is where a window no
// longer can tell autocorrelation from a random walk, and with up to some
// fifteen samples it never can: there the worst is always assumed.
//
// The margin was chosen by simulation, to keep the nominal 1 % at or below 1.5 %
// per look for every ρ ≤ 0.9 and every N; the calibration test measures it.
const autocorrelationMargin = 65

// doubt fills in what is known about the errors of the line.
func (l *Line) doubt(c centres, m moments, times, values []float64) {
	n := float64(l.N)
	r := l.residuals(c, times, values)
	rho := r.autocorrelation(n)
	variance := r.innovation(rho) / (n - 3) / (1 - rho*rho)

	times2 := correlated(rho, c, times)
	slopeVariance := variance * times2 / (m.timeTime * m.timeTime)
	// That of the mean is σ²·1ᵀR1/N², a geometric sum. Evenly spaced times lie
	// symmetric about their mean, so that mean and slope don't correlate.
	one := 1 - rho
	ones := n*(1+rho)/one - 2*rho*(1-math.Pow(rho, n))/(one*one)
	meanVariance := variance * ones / (n * n)

	// From the mean of the times to time 0, a way of -c.time.
	l.levelVariance = meanVariance + c.time*c.time*slopeVariance
	l.covariance = -c.time * slopeVariance
	l.SlopeError = math.Sqrt(slopeVariance)
	l.Autocorrelation = rho
	l.EffectiveN = n * m.timeTime / times2
}

// residuals are what the autocorrelation is estimated from: sums over what the
// line leaves of the values.
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

// autocorrelation is on the safe side of the truth: see the top of this file.
func (r residuals) autocorrelation(n float64) float64 {
	if r.squares == 0 {
		return 0
	}
	estimate := r.products / r.squares
	unbiased := (n*estimate + 2) / (n - 4)
	return min(max(0, unbiased+autocorrelationMargin/(n*math.Sqrt(n))), 1-1/n)
}

// innovation is the sum of squares of the new part in each residual; the first
// one is scaled to count like the others.
func (r residuals) innovation(rho float64) float64 {
	first, last := r.first*r.first, r.last*r.last
	sum := (r.squares - first) + rho*rho*(r.squares-last) - 2*rho*r.products + (1-rho*rho)*first
	return max(0, sum)
}

// correlated is wᵀRw for the centred times w, in one pass: what the times before
// the current one contribute, weighted by how far back they are, is carried
// along.
func correlated(rho float64, c centres, times []float64) float64 {
	var total, past float64 // past is Σ ρ^k·w[i-k], k ≥ 1
	for _, t := range times {
		w := t - c.time
		total += w * (w + 2*past)
		past = rho*past + rho*w
	}
	return total
}
