// Package stat computes the statistics of the sidecar: lines with confidence intervals,
// intervals of proportions, and quantiles. It does not depend on signals, has no clock and
// does no I/O. [FitLine] allocates memory only for warnings.
//
// The main function is [FitLine], the least-squares line through a window of samples. It
// computes the same slope as Prometheus' deriv and predict_linear, so a rule in the sidecar
// and the same rule in Prometheus agree. It adds the uncertainty:
//
//  1. [Line.SlopeError] is the standard error of the slope. Successive samples of a real
//     signal are similar, so a window of 360 samples may hold no more information than 20
//     independent ones. The textbook formula ignores this and finds a trend in every third
//     window of noise without a trend. autocorrelation.go has the formula used here.
//  2. [Line.SlopeLow] says whether the slope is significant, and gives its lower bound.
//  3. [Line.TimeToBreach] returns the time until the line passes a limit, as an interval.
//     It returns an interval only if the slope is significant.
//
// # Warnings and unknown values
//
// A doubtful result is still a value, and its Warnings give the reasons: too few samples, a
// constant series, an infinite sample. Warnings are not failures of the program, and "not
// significant" is a valid answer. An unknown number is NaN within this package and never 0.
// Callers use the functions that return (value, ok). For finite arguments these never
// return NaN with ok.
//
// # Accuracy and cost
//
// Times and values are centred before they are multiplied. This keeps at least twelve
// digits, even for a counter near 1e15 or a slope of 1e-6. A compensated sum of values that
// are not centred, as in Prometheus, keeps four to seven digits: the difference of two large
// sums loses them, not the summation. Each fit starts from the samples only, so a spike has
// no effect after its sample has left the window. The tests compare with exact arithmetic,
// and the benchmarks compare with a port of Prometheus' formula.
package stat
