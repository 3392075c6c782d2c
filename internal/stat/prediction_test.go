package stat_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// TestPredictAgreesWithTheFormula: for 1 to 5 the mean is 3, s² is 2.5, and Student's t with
// four degrees of freedom exceeds 2.776445 with probability 0.025.
func TestPredictAgreesWithTheFormula(t *testing.T) {
	p, ok := stat.Predict([]float64{1, 2, 3, 4, 5}, 0.05, 0)
	require.True(t, ok)
	require.InDelta(t, 3, p.Mean, 1e-12)
	require.InDelta(t, 3+2.776445*math.Sqrt(2.5*1.2), p.High, 1e-5)
	require.InDelta(t, 6, p.Low+p.High, 1e-9)
}

func TestPredictHasAFloor(t *testing.T) {
	p, ok := stat.Predict([]float64{2, 2, 2}, 0.05, 0.03)
	require.True(t, ok)
	require.InDelta(t, 0.03, p.Spread, 1e-12)
	require.Greater(t, p.High, p.Low)
}

func TestPredictNeedsNumbers(t *testing.T) {
	for _, values := range [][]float64{nil, {1}, {1, math.NaN()}, {1, math.Inf(1)}} {
		_, ok := stat.Predict(values, 0.05, 0.03)
		require.False(t, ok, values)
	}
}

// TestPredictMissesAsOftenAsItSays draws five values and a sixth, many times.
func TestPredictMissesAsOftenAsItSays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const rounds = 20_000
	missed := 0
	for range rounds {
		values := make([]float64, 5)
		for i := range values {
			values[i] = random.NormFloat64()
		}
		p, ok := stat.Predict(values, 0.05, 0)
		require.True(t, ok)
		if next := random.NormFloat64(); next < p.Low || next > p.High {
			missed++
		}
	}
	require.InDelta(t, 0.05, float64(missed)/rounds, 0.005)
}
