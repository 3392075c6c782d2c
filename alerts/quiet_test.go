package alerts

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// healthyDays feeds the signal of every shipped rule that is on, each with its own noise, and
// counts what fires. level is where a signal is on its way from 0 to the limit, which is 1; noise
// is its standard deviation in the same unit. Neighbouring samples correlate by rho.
func healthyDays(t *testing.T, every time.Duration, rho, noise float64, days int, level func(at time.Duration) float64) map[string]int {
	t.Helper()
	c := DefaultConfig()
	trends := NewTrends(c, discard())
	rng := rand.New(rand.NewPCG(11, uint64(1000*rho)))
	past := map[snapshot.Signal]float64{}
	fired := map[string]int{}
	rules := c.EffectiveRules()
	for i := range int(time.Duration(days) * 24 * time.Hour / every) {
		now := began.Add(time.Duration(i) * every)
		for r := range rules {
			rule := &rules[r]
			past[rule.Signal] = rho*past[rule.Signal] + math.Sqrt(1-rho*rho)*rng.NormFloat64()
			trends.Observe(observed(rule, now, level(now.Sub(began))+noise*past[rule.Signal]))
		}
		for _, alert := range trends.Tick(now) {
			if !alert.Resolved() {
				fired[alert.Rule]++
			}
		}
	}
	return fired
}

// observed is a sample that has gone so much of the way to the limit of its rule.
func observed(rule *Rule, now time.Time, part float64) signal.Observation {
	o := signal.Observation{
		Signal: rule.Signal, Labels: snapshot.Labels{Cluster: "c", Job: "orders"}, RunID: "r", ProcessID: "p",
		EpochKey: "e", Sample: series.Sample{T: now, V: part},
	}
	switch {
	case rule.FractionOfMax > 0:
		most := 1 / rule.FractionOfMax
		o.Max = &most
	case rule.MultipleOfMedian > 0: // half of the median, which is that of an empty way
		o.Sample.V = 2 - part
	case rule.Below:
		o.Sample.V = 1 - part
	default:
		o.Sample.V = part * *rule.Threshold
	}
	return o
}

func half(time.Duration) float64 { return 0.5 }

// TestRulesAreQuietOnNoise is a day of noise that correlates by 0.9 from poll to poll at the
// default interval, five standard deviations below each limit. With longer intervals a window has
// fewer samples, and rules do fire now and then: TestFalseFirings counts.
func TestRulesAreQuietOnNoise(t *testing.T) {
	require.Empty(t, healthyDays(t, 15*time.Second, 0.9, 0.1, 1, half))
}

// TestFalseFirings prints the false firings of each rule in the days of QUIET_DAYS, for the
// table in docs/rules.md.
func TestFalseFirings(t *testing.T) {
	days, err := strconv.Atoi(os.Getenv("QUIET_DAYS"))
	if err != nil {
		t.Skip("QUIET_DAYS is the number of days to simulate")
	}
	for _, rho := range []float64{0, 0.5, 0.9} {
		t.Logf("15 s, rho %g, noise: %v", rho, healthyDays(t, 15*time.Second, rho, 0.1, days, half))
	}
	t.Logf("30 s, rho 0.9, noise: %v", healthyDays(t, 30*time.Second, 0.9, 0.1, days, half))
	t.Logf("1 min, rho 0.9, noise: %v", healthyDays(t, time.Minute, 0.9, 0.1, days, half))
	t.Logf("1 min, rho 0.9, gentle days: %v", healthyDays(t, time.Minute, 0.9, 0.01, days, sine))
	t.Logf("1 min, rho 0.9, steep days: %v", healthyDays(t, time.Minute, 0.9, 0.01, days, steep))
}

// sine is a day that is low at night and 80 % of the limit at its peak.
func sine(at time.Duration) float64 { return 0.5 + 0.3*math.Sin(2*math.Pi*at.Hours()/24) }

// steep rises from 20 % to 80 % of the limit within two hours in the morning, and falls so in
// the evening.
func steep(at time.Duration) float64 {
	hour := math.Mod(at.Hours(), 24)
	up, down := min(max((hour-8)/2, 0), 1), min(max((hour-18)/2, 0), 1)
	return 0.2 + 0.6*(up-down)
}

// TestRulesAreQuietOnDailySeasons has gentle days, and steep ones: of these each rule may
// fire on the first, of which no earlier day is known.
func TestRulesAreQuietOnDailySeasons(t *testing.T) {
	const days = 3
	require.Empty(t, healthyDays(t, time.Minute, 0.9, 0.01, 1, sine))
	for rule, n := range healthyDays(t, time.Minute, 0.9, 0.01, days, steep) {
		require.LessOrEqual(t, n, 1, rule)
	}
}

// TestTroubleOnTopOfASeasonFires has two steep days: each rule fires on the first, of which no
// earlier day is known, and on the last, which is higher.
func TestTroubleOnTopOfASeasonFires(t *testing.T) {
	const days = 2
	higher := healthyDays(t, time.Minute, 0.9, 0.01, days, func(at time.Duration) float64 {
		if at >= (days-1)*24*time.Hour {
			return 1.4 * steep(at)
		}
		return steep(at)
	})
	for _, rule := range DefaultConfig().EffectiveRules() {
		if !rule.LevelOnly {
			require.GreaterOrEqual(t, higher[rule.Name], 2, rule.Name)
		}
	}
}

func TestADayWithARestartIsNoEvidence(t *testing.T) {
	var s season
	sample := func(minute int, cut bool) {
		s.add("e", series.Sample{T: began.Add(time.Duration(minute) * time.Minute), V: 0.5}, cut)
	}
	for minute := range 24 * 60 {
		sample(minute, minute == 30)
	}
	tomorrow := began.Add(24 * time.Hour)
	require.False(t, s.knows(tomorrow, 0.5, 1, 1, time.Hour), "it began anew at 12:30")
	require.True(t, s.knows(tomorrow.Add(time.Hour), 0.5, 1, 1, time.Hour))
	require.False(t, s.knows(tomorrow.Add(time.Hour), 0.6, 1, 1, time.Hour), "it is higher today")
	require.False(t, s.knows(tomorrow.Add(time.Hour), 0.5, 0.4, 1, time.Hour), "it passed this limit")
	s.add("e2", series.Sample{T: tomorrow, V: 1}, false)
	require.False(t, s.knows(tomorrow.Add(time.Hour), 0.5, 1, 1, time.Hour), "other software")
}
