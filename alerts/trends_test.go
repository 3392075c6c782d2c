package alerts

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

const (
	mib  = 1 << 20
	poll = 10 * time.Second
)

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// demo is the configuration of the demonstration, with short windows.
const demo = `
window: 2m
horizon: 10m
every: 5s
for: 20s
keep_firing_for: 30s
settle: 0s
min_samples: 6
rules: [{name: checkpoint-size, threshold: 512MiB}]
`

// watch moves Trends through time: one sample of one signal per poll, and one
// evaluation after each.
type watch struct {
	t      *testing.T
	trends *Trends
	now    time.Time
	like   signal.Observation // what the samples have in common
	rng    *rand.Rand
	polls  int
}

func newWatch(t *testing.T, config string, like signal.Observation) *watch {
	t.Helper()
	c := configured(t, config)
	require.Empty(t, c.Validate())
	return &watch{t: t, trends: NewTrends(c, discard()), now: began, like: like, rng: rand.New(rand.NewPCG(9, 9))}
}

// until polls the signal value(i) for a time, where i counts polls from the start, and
// returns the results of the evaluations.
func (w *watch) until(length time.Duration, value func(i int) float64) []episode.Alert {
	var news []episode.Alert
	for end := w.now.Add(length); w.now.Before(end); w.polls++ {
		w.now = w.now.Add(poll)
		if v := value(w.polls); !math.IsNaN(v) {
			o := w.like
			o.Sample = series.Sample{T: w.now, V: v}
			w.trends.Observe(o)
		}
		news = append(news, w.trends.Tick(w.now)...)
	}
	return news
}

// trend returns the only trend.
func (w *watch) trend() snapshot.Trend {
	w.t.Helper()
	all := w.trends.All()
	require.Len(w.t, all, 1)
	return all[0]
}

// growth is a size that grows by step per poll, with some noise.
func (w *watch) growth(from, step, unrest float64) func(int) float64 {
	return func(i int) float64 { return from + step*float64(i) + unrest*w.rng.NormFloat64() }
}

var (
	ordersSize = signal.Observation{
		Signal: snapshot.CheckpointSize,
		Labels: snapshot.Labels{Cluster: "local", Job: "orders"}, RunID: "a-0",
	}
	heapOfTM1 = signal.Observation{
		Signal: snapshot.HeapUsed, Labels: snapshot.Labels{Cluster: "local", Process: "tm-1"},
		ProcessID: "tm-1@1",
	}
)

func unknownValue(int) float64 { return math.NaN() }

func TestGrowingStateFiresWithinTwoMinutesInTheDemo(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	news := w.until(2*time.Minute, w.growth(40*mib, 8*mib, mib))
	require.Len(t, news, 1)

	alert := news[0]
	require.Equal(t, "checkpoint size will pass 512 MiB in 8.7 min (7.7–9.9)", alert.Summary)
	require.Equal(t, episode.Alert{
		Rule: "checkpoint-size", Source: episode.FromTrend, Cluster: "local", Job: "orders",
		Summary: alert.Summary, StartsAt: began.Add(80 * time.Second), Fingerprint: alert.Fingerprint,
		Severity: "warning", Runbook: Runbooks + "FlinkSidecarCheckpointSize.md",
	}, alert, "six samples, and 20 s of holding")
	require.Regexp(t, "^[0-9a-f]{8,16}$", alert.Fingerprint)
}

func TestValuesOfATrend(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	w.until(2*time.Minute, w.growth(40*mib, 8*mib, mib))
	trend := w.trend()
	require.Equal(t, 12, trend.Samples)
	require.NoError(t, trend.Unknown)
	require.InEpsilon(t, 40*mib+11*8*mib, *trend.Level, 0.02)
	require.InEpsilon(t, 0.8*mib, *trend.Slope, 0.03)
	require.InDelta(t, 512*mib, *trend.Limit, 0)
	require.InEpsilon(t, (512-128)/0.8, trend.Breach.Point, 0.03)
	require.Less(t, trend.Breach.Low, trend.Breach.Point)
	require.Greater(t, trend.Breach.High, trend.Breach.Point)
	require.True(t, trend.Firing)
	require.Equal(t, 10*time.Minute, trend.Ahead.In)
	require.InEpsilon(t, (128+0.8*600)*mib, trend.Ahead.Value, 0.03)
	require.Less(t, trend.Ahead.Low, trend.Ahead.Value)
	require.Greater(t, trend.Ahead.High, trend.Ahead.Value)
}

// TestNothingIsExpectedThatCannotBe: a share is at most 1, a heap at most its maximum, and headroom
// at least -1.
func TestNothingIsExpectedThatCannotBe(t *testing.T) {
	for text, values := range map[string][]float64{
		"gc-share": ramp(20, 0.1, 0.03), "metaspace-used": ramp(20, 100, 40), "headroom": ramp(20, 2, -0.1),
	} {
		trends, most := NewTrends(configured(t, "settle: 0s"), discard()), 1000.0
		o := signal.Observation{Signal: snapshot.Signal(text), Sample: series.Sample{T: began}, Max: &most}
		offer(trends, o, values...)
		ahead := trends.All()[0].Ahead
		require.NotNil(t, ahead, text)
		switch text {
		case "gc-share":
			require.InDelta(t, 1, ahead.Value, 1e-9)
		case "metaspace-used":
			require.InDelta(t, most, ahead.High, 1e-9)
		default:
			require.GreaterOrEqual(t, ahead.Low, -1.0)
			require.Less(t, ahead.Low, ahead.High)
		}
	}
}

func TestAlertFiresOnceAndEndsOnce(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	fired := w.until(6*time.Minute, w.growth(40*mib, 8*mib, mib))
	require.Len(t, fired, 1, "it holds all the time and is returned once")

	// After a repair the signal is flat, far below the limit.
	over := w.until(6*time.Minute, func(int) float64 { return 100*mib + mib*w.rng.NormFloat64() })
	require.Len(t, over, 1)
	require.True(t, over[0].Resolved())
	require.Equal(t, fired[0].Fingerprint, over[0].Fingerprint)
	require.Equal(t, fired[0].StartsAt, over[0].StartsAt, "of the same occurrence")
	require.False(t, w.trend().Firing)

	w.polls = 0
	again := w.until(6*time.Minute, w.growth(100*mib, 8*mib, mib))
	require.Len(t, again, 1)
	require.Equal(t, fired[0].Fingerprint, again[0].Fingerprint)
	require.NotEqual(t, fired[0].StartsAt, again[0].StartsAt)
}

// TestTheEarliestTimeDecidesNearTheHorizon: the horizon is 10 min. A line that reaches 512 MiB a little
// later fires where noise makes the earliest time near enough. One that is much later does not: then only
// the noise is near.
func TestTheEarliestTimeDecidesNearTheHorizon(t *testing.T) {
	calm, restless, far := newWatch(t, demo, ordersSize), newWatch(t, demo, ordersSize), newWatch(t, demo, ordersSize)
	require.Empty(t, calm.until(2*time.Minute, calm.growth(100*mib, 5.6*mib, mib/100)))
	require.Greater(t, calm.trend().Breach.Low, 600.0)

	require.Len(t, restless.until(2*time.Minute, restless.growth(100*mib, 5.6*mib, 1.5*mib)), 1)
	require.Greater(t, restless.trend().Breach.Point, 600.0)
	require.Less(t, restless.trend().Breach.Low, 600.0)

	require.Empty(t, far.until(2*time.Minute, far.growth(100*mib, 4.7*mib, 1.5*mib)))
	require.Greater(t, far.trend().Breach.Point, beyondHorizon*600)
	require.Less(t, far.trend().Breach.Low, 600.0)
}

func TestSignalsThatDoNotApproachTheLimit(t *testing.T) {
	for name, value := range map[string]func(w *watch) func(int) float64{
		"flat":      func(w *watch) func(int) float64 { return w.growth(500*mib, 0, mib) },
		"constant":  func(w *watch) func(int) float64 { return w.growth(500*mib, 0, 0) },
		"shrinking": func(w *watch) func(int) float64 { return w.growth(500*mib, -mib, mib/10) },
		"one spike": func(w *watch) func(int) float64 {
			return func(i int) float64 {
				if i == 20 {
					return 5000 * mib
				}
				return 100*mib + mib*w.rng.NormFloat64()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatch(t, demo, ordersSize)
			require.Empty(t, w.until(10*time.Minute, value(w)))
			require.NoError(t, w.trend().Unknown)
			require.Nil(t, w.trend().Breach)
		})
	}
}

func TestAlertKeepsFiringBeyondTheLimit(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	require.Len(t, w.until(8*time.Minute, w.growth(40*mib, 12*mib, mib)), 1)
	w.until(poll, w.growth(40*mib, 12*mib, mib))
	require.Equal(t, "checkpoint size passed 512 MiB and keeps growing", w.trend().Summary)
	require.Equal(t, &stat.Breach{}, w.trend().Breach)

	require.Empty(t, w.until(10*time.Minute, func(int) float64 { return 600*mib + mib*w.rng.NormFloat64() }),
		"it stopped growing, and is still too large")
	require.True(t, w.trend().Firing)
}

func TestUnknownTrendNeitherFiresNorEnds(t *testing.T) {
	w := newWatch(t, strings.Replace(demo, "for: 20s", "for: 1m", 1), ordersSize)
	require.Empty(t, w.until(70*time.Second, w.growth(40*mib, 8*mib, mib)), "holds for ten seconds")
	require.Empty(t, w.until(50*time.Second, unknownValue))
	require.EqualError(t, w.trend().Unknown, "no sample since 12:01 UTC")
	require.Nil(t, w.trend().Level, "an old level is not shown as the present one")
	require.Nil(t, w.trend().Breach, "an old trend is not exported as a new one")

	require.Empty(t, w.until(110*time.Second, w.growth(40*mib, 8*mib, mib)), "the window and the wait start again")
	require.Len(t, w.until(10*time.Second, w.growth(40*mib, 8*mib, mib)), 1)

	require.Empty(t, w.until(2*time.Minute, unknownValue))
	require.True(t, w.trend().Firing, "an unknown trend does not end an alert")

	require.Empty(t, w.until(time.Hour, unknownValue), "no data is no good news, for how long ever")
	require.True(t, w.trend().Firing)
	require.Equal(t, snapshot.TrendFiring, w.trend().State)
}

// A job that was canceled sends no sample that would end its alert.
func TestAlertOfASubjectThatFlinkForgotEnds(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	w.trends.Now = func() time.Time { return w.now }
	require.Len(t, w.until(2*time.Minute, w.growth(40*mib, 8*mib, mib)), 1)
	knows := func(known bool) {
		w.trends.Listed("local", func(snapshot.Labels) bool { return known })
		w.trends.Listed("elsewhere", func(snapshot.Labels) bool { return false })
	}
	knows(false)
	require.Empty(t, w.until(20*time.Second, unknownValue), "it may be listed again")
	knows(true)
	require.Empty(t, w.until(time.Minute, unknownValue), "as here")
	knows(false)
	require.Empty(t, w.until(20*time.Second, unknownValue))
	require.Equal(t, snapshot.TrendEnding, w.trend().State)
	require.EqualError(t, w.trend().Unknown, "it is not listed by Flink since 12:03 UTC")
	over := w.until(10*time.Second, unknownValue)
	require.Len(t, over, 1)
	require.True(t, over[0].Resolved())
	require.Empty(t, w.trends.All(), "and is forgotten")
}

// The level is what was measured, not the value of the line, which may be far from it and
// even below 0.
func TestLevelIsTheLastMeasurement(t *testing.T) {
	w := newWatch(t, demo, signal.Observation{
		Signal: snapshot.CheckpointDuration, Labels: snapshot.Labels{Cluster: "local", Job: "orders"}, RunID: "a-0",
	})
	// The line falls to -1 s at the end; the checkpoints take half a second again.
	w.until(2*time.Minute, func(i int) float64 { return max(0.5, 12-2*float64(i)) })
	require.InDelta(t, 0.5, *w.trend().Level, 0)
	require.False(t, w.trend().AtLeast)
	require.Equal(t, snapshot.TrendFalling, w.trend().State)

	w.until(poll, func(int) float64 { return -1 })
	require.InDelta(t, 0.5, *w.trend().Level, 0, "a duration below 0 is no measurement")
}

func TestSlopeIsShownOnlyWhereItIsSignificant(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	w.until(10*time.Minute, w.growth(100*mib, 0, 10*mib))
	require.NoError(t, w.trend().Unknown)
	require.Nil(t, w.trend().Slope)
	require.Equal(t, snapshot.TrendSteady, w.trend().State)

	w.until(10*time.Minute, w.growth(400*mib, -mib, mib/10))
	require.Negative(t, *w.trend().Slope)
	require.Nil(t, w.trend().SlopeLow)
	require.Equal(t, snapshot.TrendFalling, w.trend().State)
}

func TestSignalAboveItsLimitFires(t *testing.T) {
	for name, value := range map[string]func(w *watch) func(int) float64{
		"steady":       func(w *watch) func(int) float64 { return w.growth(900*mib, 0, mib) },
		"constant":     func(w *watch) func(int) float64 { return w.growth(900*mib, 0, 0) },
		"falling":      func(w *watch) func(int) float64 { return w.growth(5000*mib, -mib, mib) },
		"few samples":  func(*watch) func(int) float64 { return func(int) float64 { return 900 * mib } },
		"never a line": func(*watch) func(int) float64 { return func(int) float64 { return 900 * mib } },
	} {
		t.Run(name, func(t *testing.T) {
			config := demo
			if name == "never a line" {
				config = strings.Replace(demo, "min_samples: 6", "min_samples: 1000", 1)
			}
			w := newWatch(t, config, ordersSize)
			require.Empty(t, w.until(20*time.Second, value(w)))
			require.Equal(t, snapshot.TrendAbove, w.trend().State)
			require.Equal(t, began.Add(30*time.Second), w.trend().Until)
			news := w.until(20*time.Second, value(w))
			require.Len(t, news, 1)
			require.Regexp(t, `^checkpoint size is [0-9.]+ [MG]iB, above 512 MiB$`, news[0].Summary)
			require.Equal(t, &stat.Breach{}, w.trend().Breach)
			require.Equal(t, snapshot.TrendFiring, w.trend().State)
		})
	}
}

// The measured value decides where the line and it disagree about the limit.
func TestLineAboveTheLimitPredictsFromTheLevel(t *testing.T) {
	w := newWatch(t, strings.Replace(demo, "for: 20s", "for: 5m", 1), ordersSize)
	w.until(2*time.Minute, func(i int) float64 {
		if i == 11 {
			return 500 * mib // below the limit, while the line is at 560 MiB
		}
		return float64(230+30*i) * mib
	})
	require.Equal(t, snapshot.TrendPredicted, w.trend().State)
	require.Positive(t, w.trend().Breach.Point, "it has not passed the limit")
	require.GreaterOrEqual(t, w.trend().Breach.High, w.trend().Breach.Point)
}

// Seen on a real cluster: a checkpoint had run for 155 s against a limit of 60 s, the last
// complete one was short, and the alert ended.
func TestCheckpointInProgressCounts(t *testing.T) {
	duration := signal.Observation{
		Signal: snapshot.CheckpointDuration, Labels: snapshot.Labels{Cluster: "local", Job: "orders"}, RunID: "a-0",
	}
	w := newWatch(t, demo, duration)
	w.until(2*time.Minute, w.growth(2, 0, 0.1))
	running := func(length time.Duration, from float64) (news []episode.Alert) {
		for end, at := w.now.Add(length), from; w.now.Before(end); at += poll.Seconds() {
			o := duration
			o.AtLeast, o.Sample = true, series.Sample{T: w.now.Add(poll), V: at}
			w.trends.Observe(o)
			news = append(news, w.until(poll, unknownValue)...)
		}
		return news
	}
	require.Empty(t, running(time.Minute, 10))
	require.Equal(t, snapshot.TrendAbove, w.trend().State)
	require.True(t, w.trend().AtLeast)
	require.InDelta(t, 60, *w.trend().Level, 0)

	news := running(95*time.Second, 70)
	require.Len(t, news, 1)
	require.Equal(t, "checkpoint duration is at least 80 s, above 60 s", news[0].Summary)
	require.InDelta(t, 160, *w.trend().Level, 0)

	require.Empty(t, running(10*time.Minute, 0), "it failed, and the next one proves nothing yet")
	require.Equal(t, snapshot.TrendFiring, w.trend().State)

	over := w.until(2*time.Minute, w.growth(2, 0, 0.1))
	require.Len(t, over, 1, "short checkpoints do")
	require.True(t, over[0].Resolved())
	require.False(t, w.trend().AtLeast)
}

func TestSettlingIsSaidWithItsEnd(t *testing.T) {
	w := newWatch(t, strings.Replace(demo, "settle: 0s", "settle: 1m", 1), ordersSize)
	w.until(30*time.Second, w.growth(900*mib, 0, mib))
	require.Equal(t, snapshot.TrendSettling, w.trend().State)
	require.Equal(t, began.Add(70*time.Second), w.trend().Until)
	require.EqualError(t, w.trend().Unknown, "settling until 12:01 UTC")
	require.InDelta(t, 900*mib, *w.trend().Level, 5*mib, "the last value is known and shown")
	require.Nil(t, w.trend().Breach, "and above its limit, but does not count yet")
}

func TestTooFewSamplesAreUnknown(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	w.until(50*time.Second, w.growth(40*mib, 80*mib, mib))
	require.ErrorIs(t, w.trend().Unknown, stat.ErrTooFew)
	require.EqualError(t, w.trend().Unknown, "5 of 6 samples so far")
	require.Equal(t, 5, w.trend().Samples)
	require.Nil(t, w.trend().Slope)
}

func TestInfiniteSamplesAreUnknown(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	w.until(2*time.Minute, func(int) float64 { return math.Inf(1) })
	require.ErrorIs(t, w.trend().Unknown, stat.ErrNotFinite)
}

func TestWindowIsCutAtTheRun(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	w.until(time.Minute, w.growth(40*mib, 0, mib))
	require.Equal(t, 6, w.trend().Samples)

	// The job restarts with more state. Without the cut this would be a steep line.
	w.like.RunID = "a-1"
	require.Empty(t, w.until(2*time.Minute, w.growth(300*mib, 0, mib)))
	require.Equal(t, 12, w.trend().Samples)
	require.Nil(t, w.trend().Breach)
}

func TestHeapIsCutAtTheProcessAndNotAtTheRun(t *testing.T) {
	most := 1024.0 * mib
	w := newWatch(t, "settle: 0s\nfor: 0s\nrules: [{name: heap-after-gc, window: 2m}]", heapOfTM1)
	w.like.Max = &most
	w.until(2*time.Minute, w.growth(100*mib, 0, mib))
	w.like.RunID = "a-1"
	w.until(poll, w.growth(100*mib, 0, mib))
	require.Equal(t, 11, w.trend().Samples, "a job restarted in it")

	w.like.ProcessID = "tm-1@2"
	w.until(poll, w.growth(100*mib, 0, mib))
	require.Zero(t, w.trend().Samples)
}

func TestSettlingTimeIsLeftOut(t *testing.T) {
	w := newWatch(t, strings.Replace(demo, "settle: 0s", "settle: 1m", 1), ordersSize)
	news := w.until(time.Minute, w.growth(40*mib, 60*mib, mib))
	require.Empty(t, news)
	require.Empty(t, w.until(5*time.Minute, w.growth(400*mib, 0, mib)), "growth during a start is not a trend")
	require.Equal(t, 13, w.trend().Samples)
}

// sawTooth is a heap that fills up to peak and falls back to the used size every five
// polls.
func sawTooth(inUse func(i int) float64, peak float64) func(int) float64 {
	return func(i int) float64 {
		base := inUse(i)
		return base + (peak-base)*float64(i%5)/4
	}
}

func TestHeapIsReadAfterGarbageCollection(t *testing.T) {
	const heap = "settle: 0s\nfor: 1m\nkeep_firing_for: 1m\nrules: [{name: heap-after-gc, window: 12m}]" // stretches of a minute
	most := 1024.0 * mib

	full := newWatch(t, heap, heapOfTM1)
	full.like.Max = &most
	require.Empty(t, full.until(30*time.Minute, sawTooth(func(int) float64 { return 200 * mib }, 1000*mib)),
		"nearly full before every collection, and in good health")
	require.Equal(t, 14, full.trend().Samples, "a collection each 50 s")
	require.InEpsilon(t, 200*mib, *full.trend().Level, 0.01)

	leak := newWatch(t, heap, heapOfTM1)
	leak.like.Max = &most
	news := leak.until(30*time.Minute, sawTooth(func(i int) float64 { return (200 + 2*float64(i)) * mib }, 1000*mib))
	require.Len(t, news, 1)
	require.Equal(t, "tm-1", news[0].Process)
	require.Regexp(t, `^heap after garbage collection on tm-1 will pass 922 MiB in \d+ min \(\d+–\d+\)$`,
		news[0].Summary)
}

func TestLimitIsUnknownWithoutAMaximum(t *testing.T) {
	w := newWatch(t, "settle: 0s\nfor: 0s\nrules: [{name: heap-after-gc, window: 2m}]", heapOfTM1)
	require.Empty(t, w.until(10*time.Minute, w.growth(100*mib, 10*mib, mib)))
	require.EqualError(t, w.trend().Unknown, "the maximum for fraction_of_max is not known")
	require.Nil(t, w.trend().Limit)
	require.NotNil(t, w.trend().Slope, "the slope is known")
}

func TestSameSampleOfferedAgainCountsOnce(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	for range 3 {
		w.like.Sample = series.Sample{T: began, V: 1}
		w.trends.Observe(w.like)
	}
	w.trends.Tick(began)
	require.Equal(t, 1, w.trend().Samples)
}

func TestSignalsWithoutARuleCostNothing(t *testing.T) {
	w := newWatch(t, demo, signal.Observation{Signal: "unheard-of"})
	w.until(time.Minute, w.growth(1, 1, 0))
	require.Empty(t, w.trends.All())
}

func TestTracksAreBounded(t *testing.T) {
	w := newWatch(t, demo, ordersSize)
	o := ordersSize
	o.Sample = series.Sample{T: began, V: 1}
	for i := range maxTracks + 3 {
		o.Labels.Job = string(rune(i))
		w.trends.Observe(o)
	}
	w.trends.Tick(began)
	require.Len(t, w.trends.All(), maxTracks)
	require.InDelta(t, 3, testutil.ToFloat64(w.trends.dropped), 0)
}

// Signals arrive with a poll, and the first evaluation may be much later. Until then
// each signal must have distinct labels in a scrape.
func TestMetricsAreValidBeforeTheFirstTick(t *testing.T) {
	trends := NewTrends(configured(t, demo), discard())
	for _, name := range []snapshot.Signal{snapshot.CheckpointSize, snapshot.CheckpointDuration, snapshot.HeapUsed} {
		trends.Observe(signal.Observation{
			Signal: name, Labels: snapshot.Labels{Cluster: "c", Job: "orders"},
			Sample: series.Sample{T: began, V: 1},
		})
	}
	problems, err := testutil.CollectAndLint(trends)
	require.NoError(t, err)
	require.Empty(t, problems)
	require.NoError(t, testutil.CollectAndCompare(trends, strings.NewReader(`
# HELP flink_sidecar_trend_firing 1 while a trend rule fires, else 0.
# TYPE flink_sidecar_trend_firing gauge
flink_sidecar_trend_firing{cluster="c",job="orders",process="",rule="checkpoint-duration",vertex=""} 0
flink_sidecar_trend_firing{cluster="c",job="orders",process="",rule="checkpoint-size",vertex=""} 0
flink_sidecar_trend_firing{cluster="c",job="orders",process="",rule="heap-after-gc",vertex=""} 0
`), "flink_sidecar_trend_firing"))
	for _, trend := range trends.All() {
		require.ErrorIs(t, trend.Unknown, stat.ErrTooFew)
	}
}
