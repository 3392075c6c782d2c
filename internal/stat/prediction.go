package stat

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Prediction is the interval in which the next value is expected, after some earlier ones.
type Prediction struct {
	// Mean is that of the earlier values, Spread their standard deviation, or the floor if
	// that is larger.
	Mean, Spread float64
	// Low and High are the interval.
	Low, High float64
}

// Predict returns the interval that misses the next value of a normal distribution with
// probability alpha, after k earlier independent values of it:
//
//	mean ± t(k-1, 1-alpha/2) · s · √(1 + 1/k)
//
// G. J. Hahn and W. Q. Meeker, "Statistical intervals" (1991), section 4.7. It is wider than
// the interval of the mean, because the next value has a spread of its own. The spread s is
// not below floor: a few values may be equal by chance. ok is false if there are fewer than
// two values, or one is not finite.
func Predict(values []float64, alpha, floor float64) (p Prediction, ok bool) {
	if len(values) < 2 {
		return p, false
	}
	mean, variance := stat.MeanVariance(values, nil)
	k := float64(len(values))
	p = Prediction{Mean: mean, Spread: max(math.Sqrt(variance), floor)}
	reach := p.Spread * math.Sqrt(1+1/k) * studentQuantile(alpha/2, k-1)
	p.Low, p.High = mean-reach, mean+reach
	return p, !math.IsNaN(reach) && !math.IsInf(reach, 0) && !math.IsNaN(mean)
}
