package alerts

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// noisy is a constant checkpoint duration with noise, four standard deviations below
// the limit. Its samples correlate by rho.
type noisy struct {
	trends *Trends
	rng    *rand.Rand
	rho    float64
	noise  float64
	now    time.Time
}

func newNoisy(t *testing.T, rho float64, seed uint64) *noisy {
	t.Helper()
	c := configured(t, "settle: 0s")
	rng := rand.New(rand.NewPCG(seed, uint64(100*rho)))
	return &noisy{trends: NewTrends(c, discard()), rng: rng, rho: rho, noise: rng.NormFloat64(), now: began}
}

// look adds one sample, shifted by so many standard deviations, and reports whether the
// rule began to fire.
func (n *noisy) look(shift float64) bool {
	const deviation, limit = 4.0, 60.0
	n.now = n.now.Add(15 * time.Second)
	n.noise = n.rho*n.noise + math.Sqrt(1-n.rho*n.rho)*n.rng.NormFloat64()
	n.trends.Observe(signal.Observation{
		Signal: snapshot.CheckpointDuration,
		Sample: series.Sample{T: n.now, V: limit + deviation*(n.noise+shift-4)},
	})
	news := n.trends.Tick(n.now)
	return len(news) == 1 && !news[0].Resolved()
}

const (
	looksPerDay    = 24 * 60 * 4
	looksPerWindow = 2 * 60 * 4
)

// TestShippedRulesOnNoise checks that a shipped rule does not fire on noise for
// quietDays at each correlation. A run of three hundred days at 0.9, which is too long
// for each test run, had two false alerts.
func TestShippedRulesOnNoise(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine computes: the race detector sees nothing and makes it many times slower")
	}
	const quietDays = 10
	for _, rho := range []float64{0.5, 0.9} {
		n := newNoisy(t, rho, 1)
		for range quietDays * looksPerDay {
			require.False(t, n.look(0), "rho %g, at %s", rho, n.now)
		}
	}
}

// TestShippedRulesOnRamps checks that a ramp of three standard deviations per window
// fires within one and a half windows.
func TestShippedRulesOnRamps(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine computes: the race detector sees nothing and makes it many times slower")
	}
	const trials = 20
	for _, rho := range []float64{0, 0.5, 0.9} {
		t.Run(fmt.Sprintf("rho %g", rho), func(t *testing.T) {
			caught := 0
			for trial := range trials {
				n := newNoisy(t, rho, uint64(trial))
				for i := range looksPerWindow * 5 / 2 {
					if n.look(3 * max(0, float64(i-looksPerWindow)/looksPerWindow)) {
						caught++
						break
					}
				}
			}
			t.Logf("caught %d of %d", caught, trials)
			require.GreaterOrEqual(t, caught*100, trials*95)
		})
	}
}

// BenchmarkTick evaluates ten thousand signals of 360 samples each.
func BenchmarkTick(b *testing.B) {
	c := configured(b, "window: 1h\nsettle: 0s\nrules: [{name: checkpoint-duration, disabled: true}]")
	rng := rand.New(rand.NewPCG(1, 1))
	trends := NewTrends(c, discard())
	now := began
	for range 360 {
		now = now.Add(10 * time.Second)
		for job := range maxTracks {
			o := ordersSize
			o.Labels.Job = string(rune(job))
			o.Sample = series.Sample{T: now, V: 1000 + rng.NormFloat64()}
			trends.Observe(o)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		trends.Tick(now)
	}
}
