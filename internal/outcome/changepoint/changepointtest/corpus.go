// Package changepointtest has labelled series for detectors of change points: what changes
// where is known, because the series are generated from fixed seeds.
package changepointtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Series is a generated series with its true change points.
type Series struct {
	Name string `json:"name"`
	// Kind is that of the noise.
	Kind Kind `json:"kind"`
	// Points are the indices of the first values after each change; empty for none.
	Points []int     `json:"points"`
	Values []float64 `json:"values"`
}

// Kind is a kind of noise.
type Kind string

// The kinds. All have a standard deviation of 1 to 5 %.
const (
	Independent Kind = "independent" // normal noise
	Wandering   Kind = "wandering"   // AR(1) with a correlation of 0.2 to 0.6
	Outlying    Kind = "outlying"    // normal noise, and one value of 30 is 30 to 100 % larger
)

// Kinds lists all kinds.
func Kinds() []Kind { return []Kind{Independent, Wandering, Outlying} }

// PerKind and Seed are those of the corpus whose figures are in docs/benchmarks.md.
const (
	PerKind = 100
	Seed    = 2026
)

// The shape of the series.
const (
	shortest, longest = 60, 300
	// apart is the fewest values between two changes, and at both ends.
	apart = 15
	// mostSteps is the most changes of a series.
	mostSteps = 4
	// smallest and largest are the sizes of a change, as a share.
	smallest, largest = 0.03, 0.20
)

// Corpus returns n series of each kind with changes, and n without.
func Corpus(n int, seed uint64) (all []Series) {
	for k, kind := range Kinds() {
		for i := range 2 * n {
			random := rand.New(rand.NewPCG(seed, uint64(1000*k+i)))
			one := Series{Kind: kind, Points: []int{}, Name: fmt.Sprintf("%s-%d", kind, i)}
			length := shortest + random.IntN(longest-shortest+1)
			if i < n {
				one.Points = places(random, length)
			}
			one.Values = noisy(random, kind, levels(random, length, one.Points))
			all = append(all, one)
		}
	}
	return all
}

// places are one to four indices that are far enough from each other and from both ends.
func places(random *rand.Rand, length int) (points []int) {
	for range 1 + random.IntN(mostSteps) {
		at := apart + random.IntN(length-2*apart+1)
		if !slices.ContainsFunc(points, func(p int) bool { return max(p-at, at-p) < apart }) {
			points = append(points, at)
		}
	}
	slices.Sort(points)
	return points
}

// levels are the values without noise: 1000, times a step up or down at each point.
func levels(random *rand.Rand, length int, points []int) []float64 {
	values, level := make([]float64, length), 1000.0
	for i := range values {
		if slices.Contains(points, i) {
			step := 1 + smallest + (largest-smallest)*random.Float64()
			if random.IntN(2) == 0 {
				step = 1 / step
			}
			level *= step
		}
		values[i] = level
	}
	return values
}

// noisy multiplies the values by noise.
func noisy(random *rand.Rand, kind Kind, values []float64) []float64 {
	spread, alike := 0.01+0.04*random.Float64(), 0.0
	if kind == Wandering {
		alike = 0.2 + 0.4*random.Float64()
	}
	noise := random.NormFloat64()
	for i := range values {
		if i > 0 {
			noise = alike*noise + math.Sqrt(1-alike*alike)*random.NormFloat64()
		}
		values[i] *= math.Exp(spread * noise)
		if kind == Outlying && random.IntN(30) == 0 {
			values[i] *= 1.3 + 0.7*random.Float64()
		}
	}
	return values
}
