package stat_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// sleep is the data set of that name in R: Student's own example of 1908, extra hours of
// sleep of ten patients under two drugs.
var sleep = [2][]float64{
	{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0},
	{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4},
}

// TestIntervalsOfR compares with what R prints for t.test(extra ~ group, data = sleep),
// whose difference has the other sign, and for the same with paired = TRUE.
func TestIntervalsOfR(t *testing.T) {
	welch, ok := stat.Welch(sleep[0], sleep[1], 0.05)
	require.True(t, ok)
	require.InDelta(t, 1.58, welch.Estimate, 1e-12)
	require.InDelta(t, -0.2054832, welch.Low, 5e-8)
	require.InDelta(t, 3.3654832, welch.High, 5e-8)
	require.InDelta(t, 17.776, welch.Freedom, 5e-4)
	require.InDelta(t, 1.8608, welch.Estimate/welch.Error, 5e-5)

	paired, ok := stat.Paired(sleep[0], sleep[1], 0.05)
	require.True(t, ok)
	require.InDelta(t, 1.58, paired.Estimate, 1e-12)
	require.InDelta(t, 0.7001142, paired.Low, 5e-8)
	require.InDelta(t, 2.4598858, paired.High, 5e-8)
	require.InDelta(t, 9, paired.Freedom, 0)
	require.InDelta(t, 4.0621, paired.Estimate/paired.Error, 5e-5)
}

// TestIntervalByHand has numbers that can be followed on paper. Both samples have variance
// 1, so the error is √(1/3+1/3) and the degrees of freedom are 4, where t is 2.776445.
func TestIntervalByHand(t *testing.T) {
	d, ok := stat.Welch([]float64{1, 2, 3}, []float64{4, 5, 6}, 0.05)
	require.True(t, ok)
	require.InDelta(t, 3, d.Estimate, 1e-15)
	require.InDelta(t, 4, d.Freedom, 1e-12)
	require.InDelta(t, math.Sqrt(2.0/3), d.Error, 1e-15)
	require.InDelta(t, 3-2.776445*0.8164966, d.Low, 1e-5)
	// With 4 degrees of freedom t is 0.940965 for a power of 80 %.
	require.InDelta(t, (2.776445+0.940965)*0.8164966, d.Detectable(0.05, 0.8), 1e-5)
}

func TestWithoutSpread(t *testing.T) {
	same := []float64{1, 1, 1}
	d, ok := stat.Welch(same, []float64{2, 2, 2}, 0.05)
	require.True(t, ok)
	require.Equal(t, stat.Difference{Estimate: 1, Low: 1, High: 1, Freedom: math.Inf(1)}, d)
	require.Zero(t, d.Detectable(0.05, 0.8))
	d, ok = stat.Welch([]float64{0, 1e-300, 2e-300}, same, 0.05)
	require.True(t, ok)
	require.False(t, math.IsNaN(d.Low))
}

func TestDifferenceIsRefused(t *testing.T) {
	for name, tc := range map[string][2][]float64{
		"one value":   {{1}, {2, 3, 4}},
		"none":        {nil, nil},
		"a NaN":       {{1, math.NaN()}, {1, 2}},
		"an infinity": {{1, math.Inf(1)}, {1, 2}},
	} {
		_, welch := stat.Welch(tc[0], tc[1], 0.05)
		_, paired := stat.Paired(tc[0], tc[1], 0.05)
		require.False(t, welch || paired, name)
	}
	_, ok := stat.Paired([]float64{1, 2}, []float64{1, 2, 3}, 0.05)
	require.False(t, ok)
}

func TestPercent(t *testing.T) {
	require.InDelta(t, 10, stat.Percent(math.Log(1.1)), 1e-12)
	require.InDelta(t, -50, stat.Percent(math.Log(0.5)), 1e-12)
}

// deployments draws the mean log throughput of n deployments: 3 % between them, 2 % within,
// five iterations each, and drift, which the values of one pair share.
func deployments(random *rand.Rand, level float64, drift []float64) []float64 {
	means := make([]float64, len(drift))
	for i := range means {
		means[i] = level + drift[i] + 0.03*random.NormFloat64()
		for range 5 {
			means[i] += 0.02 * random.NormFloat64() / 5
		}
	}
	return means
}

// TestCoverage simulates experiments with a true change of 10 %, and without a change. The
// intervals must contain the truth as often as they say. The bounds are five standard
// deviations of the simulation around 95 %.
func TestCoverage(t *testing.T) {
	const trials = 800
	for _, tc := range []struct {
		name   string
		n      int
		drift  float64
		method func(a, b []float64, alpha float64) (stat.Difference, bool)
		exact  bool // otherwise it covers at least 95 %
	}{
		{"welch 3", 3, 0, stat.Welch, false},
		{"welch 5", 5, 0, stat.Welch, true},
		{"welch 8", 8, 0, stat.Welch, true},
		{"paired 3", 3, 0, stat.Paired, true},
		{"paired 5", 5, 0, stat.Paired, true},
		{"paired 8", 8, 0, stat.Paired, true},
		{"paired 3, drift", 3, 0.05, stat.Paired, true},
		{"paired 5, drift", 5, 0.05, stat.Paired, true},
		{"welch 5, drift", 5, 0.05, stat.Welch, false},
	} {
		random := rand.New(rand.NewPCG(17, uint64(tc.n)))
		truth, covered, found, falsely := math.Log(1.1), 0, 0, 0
		for range trials {
			drift := make([]float64, tc.n)
			for i := range drift {
				drift[i] = tc.drift * random.NormFloat64()
			}
			before := deployments(random, 6, drift)
			d, ok := tc.method(before, deployments(random, 6+truth, drift), 0.05)
			require.True(t, ok)
			covered += count(d.Low <= truth && truth <= d.High)
			found += count(d.Low > 0 && d.Estimate >= math.Log(1.05))
			none, _ := tc.method(before, deployments(random, 6, drift), 0.05)
			falsely += count((none.Low > 0 || none.High < 0) && math.Abs(none.Estimate) >= math.Log(1.05))
		}
		share := float64(covered) / trials
		t.Logf("%-16s covers %.1f %%, finds +10 %% in %.0f %%, false %.2f %%", tc.name, 100*share,
			100*float64(found)/trials, 100*float64(falsely)/trials)
		slack := 5 * math.Sqrt(0.95*0.05/trials)
		require.Greater(t, share, 0.95-slack, tc.name)
		if tc.exact {
			require.Less(t, share, 0.95+slack, tc.name)
		}
		require.Less(t, float64(falsely)/trials, 0.025, tc.name)
		if tc.n == 5 && tc.drift == 0 {
			require.Greater(t, float64(found)/trials, 0.9, tc.name)
		}
	}
}

// TestIterationsAsSamples takes the five iterations of each of three deployments as 15
// independent values: the interval is too narrow by far.
func TestIterationsAsSamples(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 3))
	side := func() (all []float64) {
		for range 3 {
			deployment := 0.03 * random.NormFloat64()
			for range 5 {
				all = append(all, deployment+0.02*random.NormFloat64())
			}
		}
		return all
	}
	const trials = 2000
	covered := 0
	for range trials {
		d, ok := stat.Welch(side(), side(), 0.05)
		require.True(t, ok)
		covered += count(d.Low <= 0 && d.High >= 0)
	}
	require.InDelta(t, 2.0/3, float64(covered)/trials, 0.04)
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// TestDetectable draws experiments with exactly the detectable change of known spreads.
func TestDetectable(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	const trials, n, spread = 4000, 5, 0.03
	known := stat.Difference{Error: spread * math.Sqrt(2.0/n), Freedom: 2*n - 2}
	change := known.Detectable(0.05, 0.8)
	found := 0
	for range trials {
		before, after := make([]float64, n), make([]float64, n)
		for i := range n {
			before[i], after[i] = spread*random.NormFloat64(), change+spread*random.NormFloat64()
		}
		d, _ := stat.Welch(before, after, 0.05)
		found += count(d.Low > 0)
	}
	require.InDelta(t, 0.8, float64(found)/trials, 0.05)
}

// TestStudentAgainstGonum checks the interval with fractional degrees of freedom.
func TestStudentAgainstGonum(t *testing.T) {
	d, ok := stat.Welch([]float64{1, 2, 4}, []float64{10, 30, 90, 20}, 0.05)
	require.True(t, ok)
	want := distuv.StudentsT{Sigma: d.Error, Nu: d.Freedom, Mu: d.Estimate}
	require.InDelta(t, want.Quantile(0.025), d.Low, 1e-9)
	require.InDelta(t, 0.975, want.CDF(d.High), 1e-9)
}

// TestBetweenShare: by hand, groups {1,3} and {5,7} have mean squares 16 and 2, so
// between = (16-2)/2 = 7 and the share is 7/9.
func TestBetweenShare(t *testing.T) {
	share, ok := stat.BetweenShare([][]float64{{1, 3}, {5, 7}})
	require.True(t, ok)
	require.InDelta(t, 7.0/9, share, 1e-12)
	share, ok = stat.BetweenShare([][]float64{{1, 7}, {1, 7}})
	require.True(t, ok)
	require.Zero(t, share)
	share, ok = stat.BetweenShare([][]float64{{1, 1}, {2, 2}, {3}})
	require.True(t, ok)
	require.InDelta(t, 1, share, 1e-12)
	for _, unknown := range [][][]float64{nil, {{1, 2}}, {{1}, {2}}, {{1, 1}, {1, 1}}} {
		_, ok = stat.BetweenShare(unknown)
		require.False(t, ok, unknown)
	}
}
