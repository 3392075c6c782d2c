package alerts

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// simulation feeds the signal of every shipped rule, also of those that are off by default, each
// with its own noise.
type simulation struct {
	trends *Trends
	rules  []Rule
	every  time.Duration
	rng    *rand.Rand
	past   map[snapshot.Signal]float64
	now    time.Time
	fired  map[string]int
	// version is how long a version of the job runs; 0 is for ever.
	version time.Duration
}

func simulate(t testing.TB, every time.Duration, rho float64) *simulation {
	t.Helper()
	c, off := DefaultConfig(), false
	for _, name := range ShippedNames() {
		c.Rules = append(c.Rules, RuleConfig{Name: name, Disabled: &off})
	}
	require.Empty(t, c.Validate())
	return &simulation{
		trends: NewTrends(c, discard()), rules: c.EffectiveRules(), every: every,
		rng: rand.New(rand.NewPCG(11, uint64(1000*rho))), past: map[snapshot.Signal]float64{}, now: began,
		fired: map[string]int{},
	}
}

// run goes on for a time, and counts what fires. level is where a signal is on its way from 0 to
// the limit, which is 1; noise is its standard deviation in the same unit. Neighbouring samples
// correlate by rho.
func (s *simulation) run(length time.Duration, rho, noise float64, level func(rule *Rule, at time.Duration) float64) {
	for end := s.now.Add(length); s.now.Before(end); s.now = s.now.Add(s.every) {
		for r := range s.rules {
			rule := &s.rules[r]
			s.past[rule.Signal] = rho*s.past[rule.Signal] + math.Sqrt(1-rho*rho)*s.rng.NormFloat64()
			o := observed(rule, s.now, level(rule, s.now.Sub(began))+noise*s.past[rule.Signal])
			if s.version > 0 {
				version := strconv.Itoa(int(s.now.Sub(began) / s.version))
				o.EpochKey, o.RunID, o.ProcessID = "e"+version, "r"+version, "p"+version
			}
			s.trends.Observe(o)
		}
		for _, alert := range s.trends.Tick(s.now) {
			if !alert.Resolved() {
				s.fired[alert.Rule]++
			}
		}
	}
}

// healthyDays counts what fires in so many days after the first ones.
func healthyDays(
	t testing.TB, every time.Duration, rho, noise float64, first, days int, level func(at time.Duration) float64,
) map[string]int {
	t.Helper()
	return simulate(t, every, rho).days(rho, noise, first, days, level)
}

// days counts what fires in so many days after the first ones.
func (s *simulation) days(rho, noise float64, first, days int, level func(at time.Duration) float64) map[string]int {
	of := func(_ *Rule, at time.Duration) float64 { return level(at) }
	s.run(time.Duration(first)*24*time.Hour, rho, noise, of)
	clear(s.fired)
	s.run(time.Duration(days)*24*time.Hour, rho, noise, of)
	return s.fired
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
		if rule.Below {
			o.Sample.V = 2 - part
		}
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
// default interval, five standard deviations below each limit. docs/rules.md counts those of a hundred
// days, also with a sample a minute.
func TestRulesAreQuietOnNoise(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine computes: the race detector sees nothing and makes it many times slower")
	}
	require.Empty(t, healthyDays(t, 15*time.Second, 0.9, 0.1, 0, 1, half))
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

// TestRulesAreQuietOnDailySeasons has gentle days, and steep ones after a first day, of which no earlier
// day is known.
func TestRulesAreQuietOnDailySeasons(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine computes: the race detector sees nothing and makes it many times slower")
	}
	require.Empty(t, healthyDays(t, time.Minute, 0.9, 0.01, 0, 1, sine))
	require.Empty(t, healthyDays(t, time.Minute, 0.9, 0.01, 1, 2, steep))
}

// TestTroubleOnTopOfASeasonFires has two steep days: each rule fires on the first, of which no
// earlier day is known, and on the last, which is higher.
func TestTroubleOnTopOfASeasonFires(t *testing.T) {
	const days = 2
	higher := healthyDays(t, time.Minute, 0.9, 0.01, 0, days, func(at time.Duration) float64 {
		if at >= (days-1)*24*time.Hour {
			return 1.4 * steep(at)
		}
		return steep(at)
	})
	for _, rule := range simulate(t, time.Minute, 0).rules {
		if !rule.LevelOnly {
			require.GreaterOrEqual(t, higher[rule.Name], 2, rule.Name)
		}
	}
}

// TestTroubleOfANewVersionFires has two steep days, and a new version in the night between them. What
// it does on its first day is higher than what the version before did, and is no false alarm.
func TestTroubleOfANewVersionFires(t *testing.T) {
	const day = 24 * time.Hour
	s := simulate(t, time.Minute, 0.9)
	s.version = day
	fired := s.days(0.9, 0.01, 1, 1, func(at time.Duration) float64 {
		if at >= day {
			return 1.4 * steep(at)
		}
		return steep(at)
	})
	for _, rule := range s.rules {
		if !rule.LevelOnly {
			require.Positive(t, fired[rule.Name], rule.Name)
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
	s.add("e2", series.Sample{T: tomorrow, V: 0.5}, false)
	require.True(t, s.knows(tomorrow.Add(time.Hour), 0.5, 1, 1, time.Hour), "the days of other software count")
	var renewed season
	for minute, epoch := range []string{"e", "e2"} {
		renewed.add(epoch, series.Sample{T: began.Add(time.Duration(minute) * time.Minute), V: 0.5}, false)
	}
	require.False(t, renewed.knows(tomorrow, 0.5, 1, 1, time.Minute), "a version began then")
}
