package stat

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	gonum "gonum.org/v1/gonum/stat"
)

func TestFitLineByHand(t *testing.T) {
	// One sample every 10 s; 0 is now.
	times := []float64{-50, -40, -30, -20, -10, 0}
	values := []float64{100, 130, 120, 150, 180, 160}
	line := FitLine(times, values)

	// mean time  = -150/6 = -25             mean value = 840/6 = 140
	// w          = -25 -15  -5   5  15  25
	// v - mean   = -40 -10 -20  10  40  20
	// Σ w²       = 625 + 225 + 25 + 25 + 225 + 625   = 1750
	// Σ w(v-140) = 1000 + 150 + 100 + 50 + 600 + 500 = 2400
	// slope      = 2400/1750 = 48/35     level = 140 + 25·48/35 = 1220/7
	require.InEpsilon(t, 48.0/35, line.Slope, 1e-14)
	require.InEpsilon(t, 1220.0/7, line.Level, 1e-14)
	require.Equal(t, 6, line.N)
	require.Empty(t, line.Warnings)

	// Six samples cannot distinguish autocorrelation from a random walk: ρ = 1 - 1/6.
	require.InEpsilon(t, 5.0/6, line.Autocorrelation, 1e-14)
}

func TestSlopeErrorByHand(t *testing.T) {
	// Six samples: ρ = 5/6 as above, w = -2.5 -1.5 -0.5 0.5 1.5 2.5, Σ w² = 17.5.
	// Sums of products of w at distance k, by hand:
	//   k  1: 3.75 + 0.75 - 0.25 + 0.75 + 3.75 = 8.75
	//   k  2: 1.25 - 0.75 - 0.75 + 1.25        = 1
	//   k  3: -1.25 - 2.25 - 1.25              = -4.75
	//   k  4: -3.75 - 3.75                     = -7.5
	//   k  5: -6.25
	// wᵀRw = 17.5 + 2·(8.75ρ + ρ² - 4.75ρ³ - 7.5ρ⁴ - 6.25ρ⁵), by Horner's rule:
	times := []float64{0, 1, 2, 3, 4, 5}
	rho := 5.0 / 6
	wRw := 17.5 + 2*rho*(8.75+rho*(1+rho*(-4.75+rho*(-7.5-6.25*rho))))

	// The values 1 -1 -1 1 0 0 plus a line of slope 3: Σ w·e of these is
	// -2.5 + 1.5 + 0.5 + 0.5 = 0 and their sum is 0, so they are the residuals.
	values := []float64{1, 2, 5, 10, 12, 15}
	// Innovations: -1-ρ, -1+ρ, 1+ρ, -ρ, 0 and the first one, √(1-ρ²)·1.
	// Squares:   (1+ρ)² + (1-ρ)² + (1+ρ)² + ρ² + 1-ρ²
	squares := 2*(1+rho)*(1+rho) + (1-rho)*(1-rho) + 1
	// s² = squares/(6-3), σ² = s²/(1-ρ²)
	variance := squares / 3 / (1 - rho*rho)

	line := FitLine(times, values)
	require.InEpsilon(t, 3, line.Slope, 1e-14)
	require.InEpsilon(t, math.Sqrt(variance*wRw)/17.5, line.SlopeError, 1e-12)
	require.InEpsilon(t, 6*17.5/wRw, line.EffectiveN, 1e-12)
}

func TestFitLineWarns(t *testing.T) {
	inf := math.Inf(1)
	for name, tc := range map[string]struct {
		times, values []float64
		slope, level  float64
		warning       error
	}{
		"no samples":              {nil, nil, math.NaN(), math.NaN(), ErrTooFew},
		"one sample":              {[]float64{0}, []float64{7}, math.NaN(), math.NaN(), ErrTooFew},
		"a line without an error": {[]float64{-1, 0, 1}, []float64{1, 3, 5}, 2, 3, ErrTooFew},
		"constant":                {[]float64{-3, -2, -1, 0}, []float64{5, 5, 5, 5}, 0, 5, ErrConstant},
		"constant zero":           {[]float64{-3, -2, -1, 0, 1}, []float64{0, 0, 0, 0, 0}, 0, 0, ErrConstant},
		"infinite":                {[]float64{-2, -1, 0}, []float64{inf, inf, inf}, math.NaN(), math.NaN(), ErrNotFinite},
		"one infinite":            {[]float64{-2, -1, 0}, []float64{1, inf, 2}, math.NaN(), math.NaN(), ErrNotFinite},
		"minus infinite":          {[]float64{-1, 0}, []float64{-inf, 2}, math.NaN(), math.NaN(), ErrNotFinite},
		"last not a number":       {[]float64{-2, -1, 0}, []float64{1, 1, math.NaN()}, math.NaN(), math.NaN(), ErrNotFinite},
		"all at one instant":      {[]float64{4, 4, 4}, []float64{1, 2, 3}, math.NaN(), math.NaN(), ErrOneInstant},
	} {
		t.Run(name, func(t *testing.T) {
			line := FitLine(tc.times, tc.values)
			requireSame(t, tc.slope, line.Slope)
			requireSame(t, tc.level, line.Level)
			require.Equal(t, []error{tc.warning}, line.Warnings)
			require.Zero(t, line.SlopeLow(0.01), "a line with a warning has no significant slope")
			_, ok := line.TimeToBreach(1e9, 0.01)
			require.False(t, ok)
		})
	}
}

func TestFitLineOnAPerfectLine(t *testing.T) {
	var times, values []float64
	for i := range 10 {
		times, values = append(times, float64(i-9)), append(values, 2*float64(i))
	}
	line := FitLine(times, values)
	require.InDelta(t, 0, line.SlopeError, 1e-12)
	require.Positive(t, line.SlopeLow(0.01))
	breach, ok := line.TimeToBreach(38, 0.01)
	require.True(t, ok)
	require.InDelta(t, 10, breach.Point, 1e-9, "now 18, rising by 2 per second")
	require.InDelta(t, 10, breach.Low, 1e-6)
	require.InDelta(t, 10, breach.High, 1e-6)
}

func TestFitLineAgreesWithGonum(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{2, 3, 6, 7, 100, 361} {
		var times, values []float64
		at := 0.0
		for range n {
			at += 10 + rng.Float64() // uneven
			times = append(times, at)
			values = append(values, 50-0.3*at+20*rng.NormFloat64())
		}
		level, slope := gonum.LinearRegression(times, values, nil, false)
		line := FitLine(times, values)
		require.InEpsilon(t, slope, line.Slope, 1e-11, n)
		require.InEpsilon(t, level, line.Level, 1e-11, n)
	}
}

// exactSlope is the slope computed with 400 bits.
func exactSlope(times, values []float64) *big.Float {
	precise := func(v float64) *big.Float { return new(big.Float).SetPrec(400).SetFloat64(v) }
	times2, values2, products, squares := precise(0), precise(0), precise(0), precise(0)
	for i := range times {
		t, v := precise(times[i]), precise(values[i])
		times2.Add(times2, t)
		values2.Add(values2, v)
		products.Add(products, precise(0).Mul(t, v))
		squares.Add(squares, precise(0).Mul(t, t))
	}
	n := precise(float64(len(times)))
	above := precise(0).Sub(products.Mul(products, n), precise(0).Mul(times2, values2))
	below := precise(0).Sub(squares.Mul(squares, n), precise(0).Mul(times2, times2))
	return above.Quo(above, below)
}

// digits is the number of correct decimal digits of got.
func digits(exact *big.Float, got float64) float64 {
	wrong := new(big.Float).SetPrec(400).SetFloat64(got)
	wrong.Sub(wrong, exact).Quo(wrong, exact)
	relative, _ := wrong.Float64()
	return -math.Log10(max(math.Abs(relative), 1e-17))
}

func TestFitLineKeepsTwelveDigits(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	lagTimes, lag := lagWindow(rng)
	shifted := func(offset, slope, noise float64) []float64 {
		out := make([]float64, len(lagTimes))
		for i := range out {
			out[i] = offset + slope*lagTimes[i] + noise*rng.NormFloat64()
		}
		return out
	}
	// 361 samples of which the first is a spike, then the same without the first: the
	// window after the spike has left it.
	spiked := append([]float64{1e15}, lag...)
	var late []float64
	for _, at := range lagTimes {
		late = append(late, at+1.75e9) // seconds since 1970
	}
	for name, tc := range map[string]struct{ times, values []float64 }{
		"lag":              {lagTimes, lag},
		"tiny slope":       {lagTimes, shifted(1e6, 1e-6, 1e-4)},
		"offset of 1e15":   {lagTimes, shifted(1e15, 2, 100)},
		"spike has passed": {lagTimes, spiked[1:]},
		"times since 1970": {late, lag},
	} {
		t.Run(name, func(t *testing.T) {
			exact := exactSlope(tc.times, tc.values)
			theirs, _ := plainFit(tc.times, tc.values)
			ours := digits(exact, FitLine(tc.times, tc.values).Slope)
			t.Logf("correct digits: %.1f, Prometheus' formula %.1f", ours, digits(exact, theirs))
			require.Greater(t, ours, 12.0)
		})
	}
}

func requireSame(t *testing.T, want, got float64) {
	t.Helper()
	if math.IsNaN(want) {
		require.True(t, math.IsNaN(got), "want NaN, got %g", got)
		return
	}
	if math.IsInf(want, 0) {
		require.True(t, math.IsInf(got, int(math.Copysign(1, want))), "want %g, got %g", want, got)
		return
	}
	require.InDelta(t, want, got, 1e-12)
}
