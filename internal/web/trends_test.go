package web

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestTrendsSection(t *testing.T) {
	s := fullStatus()
	until := start.Add(75 * time.Minute)
	s.Trends = []api.Trend{
		{
			Rule: "heap-after-gc", Process: "jobmanager", Unit: "bytes", State: "unknown", Level: new(3e8),
			Unknown: "3 of 12 samples so far",
		},
		{Rule: "heap-after-gc", Process: "tm-9", Unit: "bytes", State: "settling", Until: until, Unknown: "settling"},
		{
			Rule: "checkpoint-duration", Job: "orders", Unit: "seconds", State: "falling", Level: new(2.41),
			SlopePerSecond: new(-0.0002), Limit: new(60.0),
		},
		{
			Rule: "heap-after-gc", Job: "orders", Process: "tm-2", Unit: "bytes", State: "rising", Level: new(8e8),
			SlopePerSecond: new(1e4), Limit: new(9e8), Breach: &api.Breach{PointSeconds: 9000, LowSeconds: 5400},
		},
		{
			Rule: "pending", Job: "orders", Vertex: "v1", Unit: "records", State: "predicted", Until: until,
			Level: new(1500.0), SlopePerSecond: new(2.0),
			Limit: new(9e5), Breach: &api.Breach{PointSeconds: 420, LowSeconds: 300, HighSeconds: new(720.0)},
		},
		{
			Rule: "checkpoint-duration", Job: "payments", Unit: "seconds", State: "above", Until: until,
			Level: new(155.0), AtLeast: true, Limit: new(60.0), Breach: &api.Breach{},
		},
		{
			Rule: "checkpoint-size", Job: "orders", Vertex: "gone", Unit: "bytes", State: "firing", Level: new(5e8),
			Limit: new(4e8), Breach: &api.Breach{}, Firing: true, Since: start,
		},
		{
			Rule: "checkpoint-size", Job: "payments", Unit: "bytes", State: "ending", Until: until, Level: new(2e8),
			Limit: new(4e8), Firing: true, Since: start,
		},
		{
			Rule: "checkpoint-size", Job: "refunds", Unit: "bytes", State: "firing", Limit: new(4e8), Firing: true,
			Since: start, Unknown: "no sample since 12:30 UTC",
		},
	}
	page := render(t, s, emptyHistory{})
	require.Equal(t, [][]string{
		{"checkpoint-size orders, gone", "firing for 1 h", "passed", "477 MiB → 381 MiB"},
		{
			"checkpoint-size refunds", "firing for 1 h; no sample since 12:30 UTC, so it cannot end", "unknown",
			"unknown → 381 MiB",
		},
		{
			"checkpoint-size payments", "firing for 1 h, ends at 13:15 unless it returns", "no longer expected",
			"191 MiB → 381 MiB",
		},
		{"checkpoint-duration payments", "above the limit, fires at 13:15", "passed", "at least 2 min 35 s → 60 s"},
		{
			"pending orders, Source", "limit in sight, fires at 13:15", "in 7 min (5–12)",
			"1,500 records → 900,000 records , grows by 120 records/min",
		},
		{"heap-after-gc orders, tm-2", "rising", "in 2.5 h (1.5 or later)", "763 MiB → 858 MiB , grows by 586 KiB/min"},
		{"checkpoint-duration orders", "falling", "not expected", "2.41 s → 60 s , falls by 12 ms/min"},
		{"heap-after-gc tm-9", "settling until 13:15", "unknown", "unknown → unknown"},
		{"heap-after-gc jobmanager", "unknown: 3 of 12 samples so far", "unknown", "286 MiB → unknown"},
	}, rows(t, page, "trends"))
	require.Contains(t, text(element(t, page, "summary")),
		"Trends 3 of 9 firing, 1 above the limit, 1 limit in sight, 1 settling, 1 unknown")
	require.Equal(t, "No trend yet: a rule needs a few polls.",
		rows(t, render(t, api.Status{}, emptyHistory{}), "trends")[0][0])
}

func TestBreachIn(t *testing.T) {
	for _, test := range []struct {
		point, low float64
		high       *float64
		want       string
	}{
		{0, 0, nil, "passed"},
		{45, 30.4, new(99.6), "in 45 s (30–100)"},
		{99, 0, nil, "in 99 s (0 or later)"},
		{100, 60, new(150.0), "in 1.7 min (1–2.5)"},
		{1320, 900, new(2040.0), "in 22 min (15–34)"},
		{3 * 3600, 1.5 * 3600, new(9 * 3600.0), "in 3 h (1.5–9)"},
		{4 * 86400, 86400, new(400 * 86400.0), "in 4 d (1–400)"},
	} {
		require.Equal(t, test.want, breachIn(&api.Breach{
			PointSeconds: test.point, LowSeconds: test.low,
			HighSeconds: test.high,
		}))
	}
}

func TestAmounts(t *testing.T) {
	for _, test := range []struct {
		unit  string
		value float64
		want  string
	}{
		{"bytes", 1 << 30, "1 GiB"},
		{"bytes/s", 160000, "156 KiB/s"},
		{"seconds", 0.02, "20 ms"},
		{"ratio", 0.4128, "41 %"},
		{"ratio", 0.0041, "0.4 %"},
		{"ratio", math.NaN(), unknown},
		{"samples", 2841, "2,841 samples"},
		{"", 7, "7"},
		{"bytes/s", math.Inf(1), unknown},
	} {
		require.Equal(t, test.want, amount(test.unit, &test.value))
	}
	require.Equal(t, unknown, amount("bytes", nil))
	require.Nil(t, shareOf(new(1.0), new(0.0)))
	require.Nil(t, shareOf(nil, new(1.0)))
	require.InDelta(t, 1, *shareOf(new(5.0), new(2.0)), 0)
}

func TestAFiringTrendFindsItsEpisode(t *testing.T) {
	heap := api.Trend{Rule: "heap-after-gc", Process: "tm-1", Firing: true}
	of := func(rule, job, process string) episodeRow {
		return episodeRow{Episode: episode.Episode{
			ID:    rule + job + process,
			Alert: episode.Alert{Rule: rule, Job: job, Process: process},
		}}
	}
	recent := []episodeRow{
		of("heap-after-gc", "orders", "tm-2"), of("heap-after-gc", "orders", "tm-1"),
		of("checkpoint-size", "payments", ""), of("checkpoint-size", "orders", ""),
	}
	require.Equal(t, []notice{{What: "heap-after-gc is firing on tm-1", Episode: "heap-after-gcorderstm-1"}},
		firing(api.Status{Trends: []api.Trend{heap}}, recent, nil))
	size := api.Trend{Rule: "checkpoint-size", Job: "orders", Firing: true, Summary: "it grows"}
	require.Equal(t, []notice{{
		What: "orders: checkpoint-size is firing", Text: "it grows",
		Episode: "checkpoint-sizeorders",
	}}, firing(api.Status{Trends: []api.Trend{size}}, recent, nil))
}

// Seen: "latest episode" of an alert led to the episode of an earlier firing, and nothing
// said why this one had none.
func TestAFiringTrendHasItsOwnEpisodeOrTheCoolDown(t *testing.T) {
	size := api.Trend{Rule: "checkpoint-size", Job: "orders", Firing: true, Since: start, Summary: "it grows"}
	row := func(id string, state episode.State, at time.Time, triggers ...episode.Alert) episodeRow {
		alert := episode.Alert{Rule: "checkpoint-size", Job: "orders", StartsAt: at}
		if len(triggers) > 0 {
			alert.Rule = "checkpoint-duration"
		}
		return episodeRow{Episode: episode.Episode{ID: id, State: state, Alert: alert, Triggers: triggers}}
	}
	earlier := row("earlier", episode.Done, start.Add(-20*time.Minute))
	merged := row("merged", episode.Done, start, episode.Alert{Rule: "checkpoint-size", Job: "orders", StartsAt: start})
	cooling := episode.Declined{
		Alert: episode.Alert{Rule: "checkpoint-size", Job: "orders", StartsAt: start}, Episode: "earlier",
		Until: start.Add(10 * time.Minute),
	}
	other := cooling
	other.Alert.StartsAt = start.Add(-time.Hour)
	what := "orders: checkpoint-size is firing"
	for name, test := range map[string]struct {
		recent   []episodeRow
		declined []episode.Declined
		want     notice
	}{
		"its own": {
			recent: []episodeRow{row("own", episode.Done, start), earlier},
			want:   notice{What: what, Text: "it grows", Episode: "own"},
		},
		"merged into another's": {
			recent: []episodeRow{merged, earlier},
			want:   notice{What: what, Text: "it grows", Episode: "merged"},
		},
		"of an earlier firing": {
			recent: []episodeRow{earlier},
			want:   notice{What: what, Text: "it grows"},
		},
		"of an earlier firing, still in progress": {
			recent: []episodeRow{row("busy", episode.Advising, start.Add(-time.Minute))},
			want:   notice{What: what, Text: "it grows", Episode: "busy"},
		},
		"cooling down": {
			recent:   []episodeRow{earlier},
			declined: []episode.Declined{other, cooling},
			want:     notice{What: what, Text: "it grows. Cooldown until 12:10", Episode: "earlier", Earlier: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []notice{test.want}, firing(api.Status{Trends: []api.Trend{size}}, test.recent, test.declined))
		})
	}
}

// TestWhyATrendStillFires although it does not hold, or is not known, any more.
func TestWhyATrendStillFires(t *testing.T) {
	firing := api.Trend{Rule: "heap", State: "firing", Firing: true, Unknown: "no sample since 10:30 UTC"}
	require.Equal(t, "no sample since 10:30 UTC, so it cannot end", reason(firing))
	ending := api.Trend{
		Rule: "heap", State: "ending", Firing: true, Until: time.Date(2026, 3, 1, 10, 45, 0, 0, time.UTC),
	}
	require.Equal(t, "it does not hold any more; it ends at 10:45 unless it returns", reason(ending))
	ending.Unknown = "it is not listed by Flink since 10:30 UTC"
	require.Equal(t, "it is not listed by Flink since 10:30 UTC; it ends at 10:45 unless it returns", reason(ending))
	require.Equal(t, "it grows", reason(api.Trend{State: "firing", Firing: true, Summary: "it grows"}))
}

func TestTrendsSayWhereTheyAreExpected(t *testing.T) {
	s := fullStatus()
	s.Trends = []api.Trend{{
		Rule: "checkpoint-size", Job: "orders", Unit: "bytes", State: "rising", Level: new(8e8), Limit: new(2e9),
		SlopePerSecond: new(1e4), Ahead: &api.Ahead{InSeconds: 7200, Low: 8.1e8, Value: 8.7e8, High: 9.3e8},
	}}
	require.Contains(t, get(t, handlerOf(func() api.Status { return s }, emptyHistory{}), "GET", "/").Body.String(),
		", 830 MiB in 2 h (772 MiB to 887 MiB)</span>")
}
