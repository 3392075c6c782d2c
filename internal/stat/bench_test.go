package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// plainFit is the formula of Prometheus' linearRegression, written from its description:
// four compensated sums over raw products, then differences of large numbers. The
// benchmarks and the accuracy test compare with it.
//
//go:noinline
func plainFit(times, values []float64) (slope, level float64) {
	var n, sumT, sumV, sumTV, sumTT, lostT, lostV, lostTV, lostTT float64
	constant := true
	for i, t := range times {
		v := values[i]
		constant = constant && v == values[0]
		n++
		sumT, lostT = neumaier(t, sumT, lostT)
		sumV, lostV = neumaier(v, sumV, lostV)
		sumTV, lostTV = neumaier(t*v, sumTV, lostTV)
		sumTT, lostTT = neumaier(t*t, sumTT, lostTT)
	}
	if constant {
		return 0, values[0]
	}
	sumT, sumV, sumTV, sumTT = sumT+lostT, sumV+lostV, sumTV+lostTV, sumTT+lostTT
	slope = (sumTV - sumT*sumV/n) / (sumTT - sumT*sumT/n)
	return slope, sumV/n - slope*sumT/n
}

// neumaier is a function call in Prometheus as well.
//
//go:noinline
func neumaier(v, sum, lost float64) (newSum, newLost float64) {
	total := sum + v
	switch {
	case math.IsInf(total, 0):
		return total, 0
	case math.Abs(sum) >= math.Abs(v):
		return total, lost + ((sum - total) + v)
	default:
		return total, lost + ((v - total) + sum)
	}
}

// lagWindow returns a consumer's lag over an hour and a half: 360 samples, 15 s apart.
func lagWindow(rng *rand.Rand) (times, values []float64) {
	for i := range 360 {
		times = append(times, float64(i-359)*15)
		values = append(values, 12000+35*float64(i)+800*rng.NormFloat64())
	}
	return times, values
}

// BenchmarkFitLine measures a line with its uncertainty.
func BenchmarkFitLine(b *testing.B) {
	times, values := lagWindow(rand.New(rand.NewPCG(1, 1)))
	b.ReportAllocs()
	for b.Loop() {
		FitLine(times, values)
	}
}

// BenchmarkLineOnly measures the values that Prometheus' formula computes, without the
// uncertainty.
func BenchmarkLineOnly(b *testing.B) {
	times, values := lagWindow(rand.New(rand.NewPCG(1, 1)))
	b.ReportAllocs()
	for b.Loop() {
		c := centre(times, values)
		c.moments(times, values)
	}
}

func BenchmarkTimeToBreach(b *testing.B) {
	times, values := lagWindow(rand.New(rand.NewPCG(1, 1)))
	line := FitLine(times, values)
	b.ReportAllocs()
	for b.Loop() {
		line.TimeToBreach(1e6, 0.01)
	}
}

// BenchmarkPrometheusFormula measures Prometheus' formula for comparison.
func BenchmarkPrometheusFormula(b *testing.B) {
	times, values := lagWindow(rand.New(rand.NewPCG(1, 1)))
	b.ReportAllocs()
	for b.Loop() {
		plainFit(times, values)
	}
}
