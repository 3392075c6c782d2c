package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// noise is a stationary AR(1) process with standard deviation 1.
type noise struct {
	rng   *rand.Rand
	rho   float64
	value float64
}

func newNoise(rng *rand.Rand, rho float64) *noise {
	return &noise{rng: rng, rho: rho, value: rng.NormFloat64()}
}

func (n *noise) next() float64 {
	n.value = n.rho*n.value + math.Sqrt(1-n.rho*n.rho)*n.rng.NormFloat64()
	return n.value
}

// TestFalseAlarmsOnNoise checks the correction of the slope's error: at a nominal error of
// 1 %, at most 1.5 % of the windows of noise may have a significant slope, for every
// correlation. The test also logs the result of the textbook formula.
func TestFalseAlarmsOnNoise(t *testing.T) {
	const looks = 10_000
	for _, n := range []int{MinSamples, 12, 20, 60, 360} {
		for _, rho := range []float64{0, 0.5, 0.9} {
			t.Run(fmt.Sprintf("%d samples, rho %g", n, rho), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(n), uint64(100*rho)))
				times, values := make([]float64, n), make([]float64, n)
				critical := studentQuantile(0.01, float64(n-2))
				alarms, textbook := 0, 0
				for range looks {
					process := newNoise(rng, rho)
					for i := range n {
						times[i], values[i] = float64(i), process.next()
					}
					line := FitLine(times, values)
					if line.SlopeLow(0.01) > 0 {
						alarms++
					}
					if textbookT(line, times, values) > critical {
						textbook++
					}
				}
				t.Logf("false alarms per look %.2f %%, with the textbook error %.2f %%", percent(alarms, looks),
					percent(textbook, looks))
				require.LessOrEqual(t, percent(alarms, looks), 1.5)
			})
		}
	}
}

// TestRampsAreFound checks the power: with 360 samples, a ramp of three standard deviations
// per window is significant within one and a half windows.
func TestRampsAreFound(t *testing.T) {
	const n, trials = 360, 100
	for _, rho := range []float64{0, 0.5, 0.9} {
		t.Run(fmt.Sprintf("rho %g", rho), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(17, uint64(100*rho)))
			times := make([]float64, n)
			for i := range times {
				times[i] = float64(i)
			}
			caught := 0
			for range trials {
				process := newNoise(rng, rho)
				values := make([]float64, n+n*3/2) // a quiet window, then the ramp
				for i := range values {
					values[i] = process.next() + 3*max(0, float64(i-n))/n
				}
				for end := n + n/4; end <= len(values); end += 10 {
					if FitLine(times, values[end-n:end]).SlopeLow(0.01) > 0 {
						caught++
						break
					}
				}
			}
			t.Logf("caught %d %%", caught*100/trials)
			require.GreaterOrEqual(t, caught*100/trials, 95)
		})
	}
}

// textbookT is the slope divided by the error that assumes independent samples.
func textbookT(line Line, times, values []float64) float64 {
	c := centre(times, values)
	squares := line.residuals(c, times, values).squares
	return line.Slope / math.Sqrt(squares/float64(line.N-2)/c.moments(times, values).timeTime)
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(whole) }
