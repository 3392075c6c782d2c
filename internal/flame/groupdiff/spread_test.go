package groupdiff

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTrigammaInverse(t *testing.T) {
	require.InDelta(t, math.Pi*math.Pi/6, trigamma(1), 1e-9)
	for _, x := range []float64{0.01, 0.5, 1, 20, 5000} {
		require.InEpsilon(t, x, trigammaInverse(trigamma(x)), 1e-6)
	}
}

// TestDiscoveries compares with the example of Benjamini and Hochberg's paper: at 5 % four of
// fifteen count. Here the rate is 1 %, and three do.
func TestDiscoveries(t *testing.T) {
	var tests []tested
	for _, p := range []float64{
		0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1,
	} {
		tests = append(tests, tested{p: p})
	}
	adjusted, limit := discoveries(tests)
	require.InDelta(t, 0.0015, adjusted[0], 1e-9)
	require.InDelta(t, 0.0095*15/4, adjusted[3], 1e-9)
	require.LessOrEqual(t, adjusted[3], 0.05)
	require.Greater(t, adjusted[4], 0.05)
	count := 0
	for _, p := range adjusted {
		if p <= FalseDiscoveries {
			count++
		}
	}
	require.Equal(t, 3, count)
	require.InDelta(t, 3*FalseDiscoveries/15, limit, 1e-9)
	_, limit = discoveries(tests[9:])
	require.InDelta(t, FalseDiscoveries/6, limit, 1e-9, "nothing counts")
}
