package results

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

func unknownEpoch(episode.JobRef) string { return "" }

// TestHeadroomOutlivesARestart has a rate that an earlier process found, and an input that
// grows from one day to the next. Newer searches have only lower bounds.
func TestHeadroomOutlivesARestart(t *testing.T) {
	store := historytest.Open(t)
	now := time.Now().UTC().Add(-24 * time.Hour)
	older, newer, bound := 500.0, 1000.0, 10.0
	for i, found := range []struct {
		rate    *float64
		verdict scalerun.SustainVerdict
		test    scalerun.Verdict
	}{
		{&older, scalerun.Sustained, scalerun.OK},
		{&newer, scalerun.Sustained, scalerun.OK},
		{nil, scalerun.NotSustained, scalerun.OK},
		{&bound, scalerun.Undecided, scalerun.OK},
		{&bound, scalerun.GeneratorLimited, scalerun.OK},
		{&bound, scalerun.Sustained, scalerun.Aborted},
	} {
		at := now.Add(time.Duration(i-10) * time.Minute)
		require.NoError(t, store.PutScaleTest(scalerun.Test{
			ID: historytest.IDAt(at), Run: "r", Label: "l", Cluster: "c", Job: "j", Began: at, Ended: at.Add(time.Second),
			Verdict: found.test, Sustainable: &scalerun.Sustainable{Rate: found.rate, Verdict: found.verdict},
		}))
	}
	measure := func(from time.Time, rate float64) {
		for i := range 30 {
			at := from.Add(time.Duration(i) * time.Minute)
			require.NoError(t, store.PutMeasurement(episode.Measurement{
				ID: historytest.IDAt(at), Kind: episode.KindWindow, Began: at,
				Ended: at.Add(time.Minute), Cluster: "c", Job: "j", Throughput: &rate,
			}))
		}
	}
	live := NewLiveTest(unknownEpoch)
	h := &Headroom{Store: store, Live: live, Log: slog.New(slog.DiscardHandler)}
	h.restore()
	h.update(now)
	job := episode.JobRef{Cluster: "c", Job: "j"}
	require.InDelta(t, 1000, live.sustainable[job].rate, 0)
	require.NotContains(t, live.headroom, job, "an unknown input is not zero")
	measure(now.Add(-2*time.Hour), 100)
	h.update(now)
	require.InDelta(t, 10, live.headroom[job], 0)
	require.InDelta(t, 100, live.input[job], 0)
	measure(now.Add(24*time.Hour-time.Hour), 250)
	h.update(now.Add(24 * time.Hour))
	require.InDelta(t, 4, live.headroom[job], 0)
}

// TestHeadroomIsNotOfTheLoadOfATest: while a test runs, the input is what it was before.
func TestHeadroomIsNotOfTheLoadOfATest(t *testing.T) {
	store := historytest.Open(t)
	now := time.Now().UTC()
	live := NewLiveTest(unknownEpoch)
	h := &Headroom{Store: store, Live: live, Log: slog.New(slog.DiscardHandler)}
	job := episode.JobRef{Cluster: "c", Job: "j"}
	live.restore(job, foundRate{rate: 1000})
	measure := func(minutesAgo int, rate float64) {
		at := now.Add(-time.Duration(minutesAgo) * time.Minute)
		require.NoError(t, store.PutMeasurement(episode.Measurement{
			ID: historytest.IDAt(at), Kind: episode.KindWindow, Began: at, Ended: at.Add(time.Minute), Cluster: "c", Job: "j",
			Throughput: &rate,
		}))
	}
	for minute := range 30 {
		measure(60-minute, 100)
	}
	h.update(now)
	require.InDelta(t, 10, live.headroom[job], 0)

	running := api.ScaleProgress{Test: "a", Cluster: "c", Job: "j"}
	require.NoError(t, live.Report(running))
	for minute := range 5 {
		measure(10-minute, 1000)
	}
	h.update(now)
	require.InDelta(t, 10, live.headroom[job], 0, "the test is under way")
	running.Ended = true
	require.NoError(t, live.Report(running))
	began := now.Add(-10 * time.Minute)
	require.NoError(t, store.PutScaleTest(scalerun.Test{
		ID: historytest.IDAt(began), Run: "r", Label: "l", Cluster: "c", Job: "j", Began: began,
		Ended: began.Add(5 * time.Minute), Verdict: scalerun.OK,
	}))
	h.update(now)
	require.InDelta(t, 10, live.headroom[job], 0, "the test is stored")
}

// TestInputReachesTheRate has an input that grows by 10 records per second each day, and a rate of
// 300: after twelve days up to about 220 it has eight days to go.
func TestInputReachesTheRate(t *testing.T) {
	store := historytest.Open(t)
	now := time.Now().UTC().Truncate(24 * time.Hour)
	live := NewLiveTest(unknownEpoch)
	h := &Headroom{Store: store, Live: live, Log: slog.New(slog.DiscardHandler)}
	job := episode.JobRef{Cluster: "c", Job: "j"}
	live.restore(job, foundRate{rate: 300})
	for day := range 12 {
		if day == 4 {
			h.update(now)
			require.Empty(t, live.reached, "four days are too few")
			h.days = nil
		}
		for i := range 24 {
			at := now.Add(-time.Duration(12-day)*24*time.Hour + time.Duration(i)*time.Hour)
			rate := 100 + 10*float64(day) + float64(i%2) + float64(day%3)
			require.NoError(t, store.PutMeasurement(episode.Measurement{
				ID: historytest.IDAt(at), Kind: episode.KindWindow, Began: at, Ended: at.Add(time.Minute), Cluster: "c", Job: "j",
				Throughput: &rate,
			}))
		}
	}
	h.update(now)
	when := live.reached[job]
	day := (24 * time.Hour).Seconds()
	require.InDelta(t, 8.3*day, when.Point, 0.5*day)
	require.Less(t, when.Low, when.Point)
	require.Greater(t, when.High, when.Point)
	require.Equal(t, 3, testutil.CollectAndCount(live, "flink_sidecar_scaletest_reached_seconds"))
	h.update(now.Add(30 * 24 * time.Hour))
	require.Empty(t, live.reached, "nothing is known of the last days")
}
