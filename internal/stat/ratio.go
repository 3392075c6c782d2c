package stat

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Difference is the difference of two means, after minus before, with its confidence
// interval. On logarithms it is the logarithm of a ratio: [Percent] turns it into a change.
type Difference struct {
	// Estimate is the mean after minus the mean before.
	Estimate float64
	// Low and High are the interval.
	Low, High float64
	// Error is the standard error of Estimate; 0 if the values have no spread at all.
	Error float64
	// Freedom is the number of degrees of freedom of Student's t. It is +Inf if Error is 0.
	Freedom float64
}

// Welch returns the difference of the means of two independent samples, with the interval
// that misses the true difference with probability alpha. The samples may have different
// spreads and sizes:
//
//	error²  = s₁²/n₁ + s₂²/n₂
//	freedom = error⁴ / ((s₁²/n₁)²/(n₁-1) + (s₂²/n₂)²/(n₂-1))
//
// B. L. Welch, "The generalization of 'Student's' problem when several different population
// variances are involved", Biometrika 34 (1947), 28–35, with the degrees of freedom of F. E.
// Satterthwaite, Biometrics Bulletin 2 (1946), 110–114. ok is false if a sample has fewer
// than two values, or a value is not finite.
func Welch(before, after []float64, alpha float64) (d Difference, ok bool) {
	estimate, spread, freedom, ok := WelchError(before, after)
	if !ok {
		return d, false
	}
	return difference(estimate, spread, freedom, alpha)
}

// WelchError returns the difference of the means as [Welch] does, with its standard error and
// the degrees of freedom, but without the interval, which costs most of the time. freedom is
// NaN if there is no spread at all. ok is false if a sample has fewer than two values.
func WelchError(before, after []float64) (estimate, spread, freedom float64, ok bool) {
	if len(before) < 2 || len(after) < 2 {
		return 0, 0, 0, false
	}
	meanBefore, varBefore := stat.MeanVariance(before, nil)
	meanAfter, varAfter := stat.MeanVariance(after, nil)
	n, m := float64(len(before)), float64(len(after))
	a, b := varBefore/n, varAfter/m
	freedom = (a + b) * (a + b) / (a*a/(n-1) + b*b/(m-1))
	return meanAfter - meanBefore, math.Sqrt(a + b), freedom, true
}

// Paired returns the mean of the differences after[i] - before[i], with the interval that
// misses the true mean with probability alpha. What both values of a pair share is not in
// it: Student's t of the differences, with n - 1 degrees of freedom. ok is false if the
// lengths differ, there are fewer than two pairs, or a value is not finite.
func Paired(before, after []float64, alpha float64) (d Difference, ok bool) {
	if len(before) != len(after) || len(before) < 2 {
		return d, false
	}
	differences := make([]float64, len(before))
	for i := range before {
		differences[i] = after[i] - before[i]
	}
	mean, variance := stat.MeanVariance(differences, nil)
	n := float64(len(differences))
	return difference(mean, math.Sqrt(variance/n), n-1, alpha)
}

func difference(estimate, spread, freedom, alpha float64) (d Difference, ok bool) {
	if math.IsNaN(estimate) || math.IsInf(estimate, 0) || math.IsNaN(spread) || math.IsInf(spread, 0) {
		return d, false
	}
	d = Difference{Estimate: estimate, Error: spread, Freedom: freedom}
	// Squares of a tiny spread are 0, and then freedom is 0/0.
	if spread == 0 || math.IsNaN(freedom) {
		d.Freedom = math.Inf(1)
	}
	reach := 0.0
	if spread > 0 {
		reach = spread * studentQuantile(alpha/2, d.Freedom)
	}
	d.Low, d.High = estimate-reach, estimate+reach
	return d, true
}

// Detectable returns the smallest true difference that an experiment with this error and
// these degrees of freedom finds with probability power, where finding means that the
// interval with error probability alpha does not contain 0:
//
//	(t(1-alpha/2) + t(power)) · error
//
// H. S. Bloom, "Minimum detectable effects", Evaluation Review 19 (1995), 547–556. The
// spread of the next experiment is assumed to be that of this one.
func (d Difference) Detectable(alpha, power float64) float64 {
	if d.Error == 0 {
		return 0
	}
	return (studentQuantile(alpha/2, d.Freedom) + studentQuantile(1-power, d.Freedom)) * d.Error
}

// Percent turns the logarithm of a ratio into a change in percent: 0 for no change.
func Percent(logRatio float64) float64 { return 100 * math.Expm1(logRatio) }
