package alerts

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// TestEveryShippedRuleIsProvoked has a quiet window, and then a ramp of each signal to its limit
// and beyond. A rule that predicts fires within one and a half windows and before the limit is
// passed; one that does not fires when the limit is.
func TestEveryShippedRuleIsProvoked(t *testing.T) {
	const quiet, noise = 0.25, 0.02
	s := simulate(t, 30*time.Second, 0.5)
	window := time.Duration(DefaultConfig().Window)
	begins := window + time.Duration(DefaultConfig().Settle)
	level := func(rule *Rule, at time.Duration) float64 {
		switch windows := float64(at-begins) / float64(window); {
		case windows < 0:
			return quiet
		case rule.LevelOnly:
			return 1.5
		case rule.row.Bent: // by an input that doubles on the way from 0 to 1
			return 2 - math.Exp2(1-(quiet+0.6*windows))
		default:
			return quiet + 0.6*windows // 1 after 1.25 windows
		}
	}
	s.run(begins, 0.5, noise, level)
	require.Empty(t, s.fired)
	s.run(window, 0.5, noise, level)
	for _, rule := range s.rules {
		if !rule.LevelOnly && rule.MultipleOfMedian == 0 {
			require.Equal(t, 1, s.fired[rule.Name], "%s: before it passed the limit", rule.Name)
		}
	}
	s.run(window/2, 0.5, noise, level)
	for _, name := range ShippedNames() {
		require.Equal(t, 1, s.fired[name], name)
	}
}

// noisyRamps are the rows of the table of ramps in docs/rules.md: a signal that is steady for a window
// and then grows, in parts of its limit for each window.
var noisyRamps = []struct {
	name             string
	every            time.Duration
	rho, noise       float64
	from, eachWindow float64
}{
	{"30 σ per window, ρ 0.5, each 30 s", 30 * time.Second, 0.5, 0.02, 0.25, 0.6},
	{"3 σ per window, ρ 0, each 15 s", 15 * time.Second, 0, 1. / 15, 11. / 15, 0.2},
	{"3 σ per window, ρ 0.9, each 15 s", 15 * time.Second, 0.9, 1. / 15, 11. / 15, 0.2},
	{"5 σ per window, ρ 0.9, each minute", time.Minute, 0.9, 0.1, 0.5, 0.5},
	{"3 σ per window, ρ 0.9, each minute", time.Minute, 0.9, 1. / 15, 11. / 15, 0.2},
}

const rampTrials = 20

// rampTable writes how many windows after its beginning a ramp fires.
func rampTable(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	out.WriteString("| ramp | passes the limit after | fires after, median | slowest | before the limit |\n|---|---|---|---|---|\n")
	for i, ramp := range noisyRamps {
		var fired []float64
		before, limit := 0, (1-ramp.from)/ramp.eachWindow
		for seed := range rampTrials {
			at := rampFires(t, i, uint64(seed))
			if fired = append(fired, at); at < limit {
				before++
			}
		}
		median, _ := stat.Median(fired)
		slowest := fmt.Sprintf("%.2f windows", slices.Max(fired))
		if math.IsInf(slices.Max(fired), 1) {
			slowest = "more than 2 windows"
		}
		fmt.Fprintf(&out, "| %s | %.2f windows | %.2f windows | %s | %d of %d |\n", ramp.name, limit, median, slowest, before,
			rampTrials)
	}
	return out.String()
}

// rampFires is how many windows after its beginning a ramp fires; +Inf if it does not within two.
func rampFires(t *testing.T, row int, seed uint64) float64 {
	t.Helper()
	ramp, window := noisyRamps[row], time.Duration(DefaultConfig().Window)
	trends := NewTrends(configured(t, "settle: 0s\nshipped_rules: named\nrules: [{name: checkpoint-duration}]"), discard())
	limit := *trends.rules[0].Threshold
	rng := rand.New(rand.NewPCG(seed, uint64(row)))
	for at, noise := time.Duration(0), rng.NormFloat64(); at < 3*window; at += ramp.every {
		noise = ramp.rho*noise + math.Sqrt(1-ramp.rho*ramp.rho)*rng.NormFloat64()
		windows := float64(at-window) / float64(window)
		value := ramp.from + ramp.eachWindow*max(0, windows) + ramp.noise*noise
		trends.Observe(signal.Observation{
			Signal: snapshot.CheckpointDuration, Sample: series.Sample{T: began.Add(at), V: limit * value},
		})
		if len(trends.Tick(began.Add(at))) > 0 {
			return windows
		}
	}
	return math.Inf(1)
}

// TestDocSaysWhenRampsAreCaught writes the table of ramps in docs/rules.md with -update.
func TestDocSaysWhenRampsAreCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine computes: the race detector sees nothing and makes it many times slower")
	}
	const path = "../docs/rules.md"
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	want := section(string(raw), "ramps", rampTable(t))
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	require.Equal(t, want, string(raw), "run go test ./alerts -run RampsAreCaught -update")
	text := strings.Join(strings.Fields(want), " ")
	require.Contains(t, text, fmt.Sprintf("no later than %g times the horizon", beyondHorizon))
	require.Contains(t, text, fmt.Sprintf("In %d simulated ramps each", rampTrials))
}
