// Package stat holds the numbers of the sidecar and nothing but numbers: it
// knows no signal, no clock and no I/O, and allocates nothing while all is well.
//
// The centre of it is [FitLine], the least-squares line through a window of
// samples. The line itself is the one that Prometheus' deriv and predict_linear
// compute, so that a rule of ours and the same rule in Prometheus agree on the
// slope. What is added is the doubt:
//
//  1. [Line.SlopeError] says how far the slope may be off. Successive samples of
//     a real signal resemble each other, so a window of 360 of them may hold no
//     more information than 20 independent ones. The textbook error ignores that
//     and calls every third window of plain noise a trend; see autocorrelation.go
//     for what is done instead.
//  2. [Line.SlopeLow] says whether there is a slope at all, and how much at least.
//  3. [Line.TimeToBreach] says when the line will pass a limit, as an interval.
//     It has an answer only where the slope is significant.
//
// # Values carry their doubts
//
// A result with which something is wrong is still a value, and its Warnings say
// what: too few samples, a constant series, an infinite one. Warnings are not
// failures of the program, and "not significant" is a proper answer. A number
// that can't be known is NaN within this package and never 0; callers ask the
// methods that return (value, ok), which never let a NaN out.
//
// # Accuracy and cost
//
// Times and values are centred before anything is multiplied, which keeps at
// least twelve digits of a counter near 1e15 or of a slope of a millionth. A
// compensated sum of what is not centred, as in Prometheus, keeps four to seven:
// it is the difference of two large sums that loses them, not the summing.
// Nothing is carried from one fit to the next, so that a spike leaves no trace
// once its sample has left the window. The tests compare with exact arithmetic,
// and the benchmarks stand beside a plain port of Prometheus' formula.
package stat
