package flame

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The test compares two profiles of the same program 400 times. A verdict other than "~" is
// an error. At most 5 % of the comparisons may have an error, plus the sampling error of
// 400 comparisons.
func TestVerdictsAreRarelyWrong(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 0))
	const rounds = 400
	wrong := 0
	for range rounds {
		comparison, err := Align(sampled(rng, 300), sampled(rng, 900), Normal).Compare(noCategory)
		require.NoError(t, err)
		if verdicts(comparison) > 0 {
			wrong++
		}
	}
	require.LessOrEqual(t, wrong, 29, "of %d comparisons", rounds)
}

// sampled draws samples from a program of a few hot methods and a long tail.
func sampled(rng *rand.Rand, samples int) *Tree {
	made := New()
	for range samples {
		method := int(rng.ExpFloat64() * 8)
		made.Add([]string{"run", fmt.Sprintf("package%d", method%7), fmt.Sprintf("method%d", method)}, 1)
	}
	return made
}

func verdicts(c Comparison) (beyondNoise int) {
	for _, frame := range c.Frames {
		if frame.Self.Verdict != Unchanged || frame.Total.Verdict != Unchanged {
			beyondNoise++
		}
	}
	return beyondNoise
}
