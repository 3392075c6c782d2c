package stat

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
)

// ramp returns forty samples, one per second until now, that rise by slope and reach level
// now. unrest is the size of a fixed disturbance that is similar to noise and has no trend.
func ramp(level, slope, unrest float64) (times, values []float64) {
	for i := range 40 {
		at := float64(i - 39)
		times = append(times, at)
		values = append(values, level+slope*at+unrest*math.Sin(7.3*float64(i*i)))
	}
	return times, values
}

func TestTimeToBreachIsAnIntervalAroundThePoint(t *testing.T) {
	line := FitLine(ramp(100, 2, 3))
	breach, ok := line.TimeToBreach(200, 0.01)
	require.True(t, ok)
	require.InDelta(t, (200-line.Level)/line.Slope, breach.Point, 1e-9)
	require.Less(t, breach.Low, breach.Point)
	require.Greater(t, breach.High, breach.Point)

	// The edges are where the band reaches the limit: at High and at Low the line
	// is t standard errors away from the limit.
	critical := distuv.StudentsT{Sigma: 1, Nu: 37}.Quantile(0.99)
	for _, at := range []float64{breach.Low, breach.High} {
		variance := line.levelVariance + 2*at*line.covariance + at*at*line.SlopeError*line.SlopeError
		away := math.Abs(200 - (line.Level + line.Slope*at))
		require.InEpsilon(t, critical, away/math.Sqrt(variance), 1e-4)
	}

	stricter, ok := line.TimeToBreach(200, 0.001)
	require.True(t, ok)
	require.Less(t, stricter.Low, breach.Low)
	require.Greater(t, stricter.High, breach.High)
}

func TestAFallingLineHasNoBreach(t *testing.T) {
	falling := FitLine(ramp(100, -2, 3))
	_, ok := falling.TimeToBreach(200, 0.01)
	require.False(t, ok)
	require.Zero(t, falling.SlopeLow(0.01))
}

func TestTimeToBreachOfALimitThatIsPassed(t *testing.T) {
	line := FitLine(ramp(100, 2, 3))
	breach, ok := line.TimeToBreach(50, 0.01)
	require.True(t, ok)
	require.Equal(t, Breach{}, breach, "already passed, at both edges of the band")
}

func TestNoTrendNoBreach(t *testing.T) {
	line := FitLine(ramp(100, 0.01, 3))
	require.Positive(t, line.Slope)
	require.Zero(t, line.SlopeLow(0.01))
	_, ok := line.TimeToBreach(101, 0.01)
	require.False(t, ok)
}

func TestBandDoesNotDependOnWhereTimeBegins(t *testing.T) {
	times, values := ramp(100, 2, 3)
	now := FitLine(times, values)
	later := make([]float64, len(times))
	for i := range times {
		later[i] = times[i] - 1000 // the same samples, seen 1000 s later
	}
	then := FitLine(later, values)
	require.InEpsilon(t, now.SlopeError, then.SlopeError, 1e-9)

	a, _ := now.TimeToBreach(3000, 0.01)
	b, _ := then.TimeToBreach(3000, 0.01)
	require.InEpsilon(t, a.Point-1000, b.Point, 1e-9)
	require.InEpsilon(t, a.Low-1000, b.Low, 1e-6)
	require.InEpsilon(t, a.High-1000, b.High, 1e-6)
}

func TestStudentQuantileIsGoodToFourDigits(t *testing.T) {
	for _, alpha := range []float64{0.05, 0.01, 0.001, 0.0001} {
		for _, freedom := range []float64{3, 9, 19, 20, 57, 357, 5000} {
			exact := distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(1 - alpha)
			require.InEpsilon(t, exact, studentQuantile(alpha, freedom), 3e-5, "alpha %g, %g degrees", alpha, freedom)
		}
	}
}

// TestSlopeInterval compares with the one-sided lower end, and holds the special cases.
func TestSlopeInterval(t *testing.T) {
	times := []float64{0, 1, 2, 3, 4, 5, 6, 7}
	line := FitLine(times, []float64{0, 1.1, 1.9, 3.2, 3.9, 5.1, 5.8, 7.2})
	low, high, ok := line.SlopeInterval(0.05)
	require.True(t, ok)
	require.InDelta(t, line.SlopeLow(0.05), low, 1e-12)
	require.InDelta(t, line.Slope-low, high-line.Slope, 1e-12)
	require.Less(t, low, 1.0)
	require.Greater(t, high, 1.0)

	low, high, ok = FitLine(times, []float64{2, 2, 2, 2, 2, 2, 2, 2}).SlopeInterval(0.05)
	require.True(t, ok)
	require.Zero(t, low)
	require.Zero(t, high)
	_, _, ok = FitLine(times[:3], []float64{0, 1, 2}).SlopeInterval(0.05)
	require.False(t, ok)
}
