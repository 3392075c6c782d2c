package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

// falseVerdicts is the share of comparisons of one process with itself whose interval does not
// contain 0.
func falseVerdicts(rho float64, before, after, runs int, compare func(a, b []float64) (Difference, bool)) float64 {
	rng := rand.New(rand.NewPCG(17, uint64(1000*rho)))
	wrong := 0
	for range runs {
		process := newNoise(rng, rho)
		sides := [2][]float64{}
		for side, n := range []int{before, after} {
			for range n {
				sides[side] = append(sides[side], process.next())
			}
		}
		if d, ok := compare(sides[0], sides[1]); ok && (d.Low > 0 || d.High < 0) {
			wrong++
		}
	}
	return float64(wrong) / float64(runs)
}

// TestFalseVerdictsOnSuccessiveValues compares a process with itself before and after a moment at
// which nothing happened. Taken for independent, its values find a difference in up to two thirds of the
// comparisons.
func TestFalseVerdictsOnSuccessiveValues(t *testing.T) {
	const runs = 4000
	for _, n := range [][2]int{{10, 10}, {20, 10}, {48, 10}, {48, 48}} {
		for _, rho := range []float64{0, 0.5, 0.7, 0.9} {
			t.Run(fmt.Sprintf("%d and %d values, rho %g", n[0], n[1], rho), func(t *testing.T) {
				share := falseVerdicts(rho, n[0], n[1], runs, func(a, b []float64) (Difference, bool) {
					return WelchSuccessive(a, b, 0.05)
				})
				plain := falseVerdicts(rho, n[0], n[1], runs, func(a, b []float64) (Difference, bool) {
					return Welch(a, b, 0.05)
				})
				t.Logf("false verdicts: %.1f %%, of independent values %.1f %%", 100*share, 100*plain)
				require.LessOrEqual(t, share, 0.06)
			})
		}
	}
}

// TestIndependentValuesKeepTheirPower: the correction costs at most half of the precision of 20
// independent values a side, and a tenth of it for 500.
func TestIndependentValuesKeepTheirPower(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 2))
	for n, most := range map[int]float64{20: 1.5, 500: 1.1} {
		ratio := 0.0
		const runs = 200
		for range runs {
			var a, b []float64
			for range n {
				a, b = append(a, rng.NormFloat64()), append(b, rng.NormFloat64())
			}
			plain, _ := Welch(a, b, 0.05)
			d, ok := WelchSuccessive(a, b, 0.05)
			require.True(t, ok)
			require.InDelta(t, plain.Estimate, d.Estimate, 0)
			ratio += (d.High - d.Low) / (plain.High - plain.Low) / runs
		}
		t.Logf("%d values: the interval is %.2f times as wide", n, ratio)
		require.Less(t, ratio, most, n)
	}
}

func TestSuccessiveValuesWithoutSpread(t *testing.T) {
	same := []float64{1, 1, 1}
	d, ok := WelchSuccessive(same, []float64{2, 2, 2}, 0.05)
	require.True(t, ok)
	require.Equal(t, Difference{Estimate: 1, Low: 1, High: 1, Freedom: math.Inf(1)}, d)
	_, ok = WelchSuccessive(same, []float64{1}, 0.05)
	require.False(t, ok)
	_, ok = WelchSuccessive(same, []float64{1, math.NaN()}, 0.05)
	require.False(t, ok)
	// Values that alternate are no more alike than independent ones.
	a, b := []float64{1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}, []float64{3, 5, 3, 5, 3, 5, 3, 5, 3, 5, 3, 5}
	plain, _ := Welch(a, b, 0.05)
	d, _ = WelchSuccessive(a, b, 0.05)
	require.InDelta(t, plain.Error, d.Error, 1e-15)
}

// TestDocumentedCorrelation: docs/history.md says up to which correlation the interval holds.
func TestDocumentedCorrelation(t *testing.T) {
	documenttest.Says(t, "../../docs/history.md", fmt.Sprintf("ρ is the same before and after the change, and at most %g.", mostDependent))
}
