package stat

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBandHoldsTheNextSamples counts how often a sample after the window lies outside of the band. A
// band of the line alone would miss most of them.
func TestBandHoldsTheNextSamples(t *testing.T) {
	const tries, n, ahead, alpha = 4000, 60, 30, 0.05
	for _, rho := range []float64{0, 0.6} {
		rng := rand.New(rand.NewPCG(7, 11))
		below, above := 0, 0
		for range tries {
			times, values := make([]float64, n), make([]float64, n)
			noise := rng.NormFloat64()
			next := func() float64 {
				noise = rho*noise + rng.NormFloat64()
				return noise
			}
			for i := range n {
				times[i], values[i] = float64(i-n+1), 5+0.3*float64(i)+next()
			}
			var later float64
			for range ahead {
				later = next()
			}
			later += 5 + 0.3*float64(n-1+ahead)
			band, ok := FitLine(times, values).At(ahead, alpha)
			require.True(t, ok)
			if later < band.Low {
				below++
			}
			if later > band.High {
				above++
			}
		}
		for _, outside := range []int{below, above} {
			require.LessOrEqual(t, outside, int(1.3*alpha*tries), "ρ %g", rho)
			require.Greater(t, outside, int(0.2*alpha*tries), "ρ %g: the band is not useless", rho)
		}
	}
}

func TestBandOfSpecialLines(t *testing.T) {
	band, ok := FitLine([]float64{0, 1, 2}, []float64{4, 4, 4}).At(10, 0.05)
	require.True(t, ok)
	require.Equal(t, Band{4, 4, 4}, band, "nothing moves")
	_, ok = FitLine([]float64{0, 1, 2}, []float64{4, 5, 6}).At(10, 0.05)
	require.False(t, ok, "too few for an interval")
	_, ok = FitLine(nil, nil).At(10, 0.05)
	require.False(t, ok)
}
