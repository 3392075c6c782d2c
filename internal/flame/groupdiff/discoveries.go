package groupdiff

import (
	"cmp"
	"slices"
)

// FalseDiscoveries is the share of changed frames that are due to chance, on average. It is also
// about how often two groups of one program have any.
const FalseDiscoveries = 0.01

// discoveries returns the adjusted probabilities of tests in their order, and the largest
// probability of a single test that still counts. A test counts if its adjusted probability is
// at most [FalseDiscoveries]: Y. Benjamini and Y. Hochberg, "Controlling the false discovery
// rate", JRSS B 57 (1995), 289–300. Frames of one profile depend on each other, which the
// method allows if they rise together, and hardly hurts otherwise.
func discoveries(tests []tested) (adjusted []float64, limit float64) {
	order := make([]int, len(tests))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(tests[b].p, tests[a].p) }) // largest first
	adjusted = make([]float64, len(tests))
	least, count := 1.0, float64(len(tests))
	limit = FalseDiscoveries / max(1, count)
	for i, at := range order {
		rank := count - float64(i)
		least = min(least, tests[at].p*count/rank)
		adjusted[at] = least
		if least <= FalseDiscoveries {
			limit = max(limit, FalseDiscoveries*rank/count)
		}
	}
	return adjusted, limit
}
