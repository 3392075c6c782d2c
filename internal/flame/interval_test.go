package flame

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The examples of Newcombe's table II, method 10, at 95 %. His difference is the
// first proportion less the second, ours the new one less the old one.
func TestNewcombe(t *testing.T) {
	z := deviate(0.05)
	require.InDelta(t, 1.959964, z, 1e-6)
	for _, test := range []struct {
		first, of1, second, of2 int64
		low, high               float64
	}{
		{56, 70, 48, 80, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.1705, 0.8090},
		{6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775},
		{0, 10, 0, 10, -0.2775, 0.2775},
		{10, 10, 0, 20, 0.6791, 1},
		{10, 10, 0, 10, 0.6075, 1},
	} {
		low, high := newcombe(test.second, test.of2, test.first, test.of1, z)
		require.Equal(t, fmt.Sprintf("%.4f %.4f", test.low, test.high), fmt.Sprintf("%.4f %.4f", low, high))
	}
}

// Two profiles of the same thing, again and again: a verdict other than "~" is an
// error, and at most 5 % of the comparisons may have any, plus what 400 of them
// can be off by.
func TestVerdictsAreSeldomWrong(t *testing.T) {
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
