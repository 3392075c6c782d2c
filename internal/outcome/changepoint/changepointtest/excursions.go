package changepointtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Excursions returns [PerKind] series of 200 values in which the level is 5 % higher for length
// values, at any place. The noise is normal with a standard deviation of 1 %.
func Excursions(length int) (all []Series) {
	const values, step, spread, margin = 200, 0.05, 0.01, 50
	for i := range PerKind {
		random := rand.New(rand.NewPCG(Seed, uint64(1_000_000*length+i)))
		at := margin + random.IntN(values-2*margin)
		one := Series{Kind: Independent, Name: fmt.Sprintf("excursion-%d-%d", length, i), Points: []int{at, at + length}}
		for v := range values {
			level := 1000.0
			if v >= at && v < at+length {
				level *= 1 + step
			}
			one.Values = append(one.Values, level*math.Exp(spread*random.NormFloat64()))
		}
		all = append(all, one)
	}
	return all
}

// All reports whether each true change has a found point within 2 values.
func All(truth, found []int) bool {
	return !slices.ContainsFunc(truth, func(at int) bool {
		return !slices.ContainsFunc(found, func(f int) bool { return distance(f, at) <= 2 })
	})
}
