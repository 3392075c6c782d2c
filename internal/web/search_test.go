package web

import (
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// TestTrialsOfASearch: the page shows the trials while the search goes on. Only its end makes the rate more
// than a lower bound, and what is said of it true.
func TestTrialsOfASearch(t *testing.T) {
	past := newHistory(t)
	_, shown := runsPage(t, handlerOf(fullStatus, past), "/runs")
	require.NotContains(t, shown, "The sustainable rate")
	test := scalerun.Test{
		ID: ulid.MustNew(ulid.Timestamp(start), ulid.DefaultEntropy()).String(), Run: "r", Job: "orders", Label: "<i>calm</i>",
		OpensRun: true, Began: start, Verdict: scalerun.Aborted,
		Sustainable: &scalerun.Sustainable{
			Rate: new(90.0), Verdict: scalerun.Undecided, Reason: "the limit is higher",
			Trials: []scalerun.Trial{
				{Rate: 90, Verdict: scalerun.Sustained, Reason: "it shrinks", SentRate: new(89.5), Growth: new(-0.5), Seconds: 60, LatencyP99: new(0.5)},
				{Rate: 120, Verdict: scalerun.NotSustained, Reason: "<u>it grows</u>", Growth: new(12.0), Seconds: 61},
			},
		},
	}
	require.NoError(t, past.PutScaleTest(test))
	_, shown = runsPage(t, handlerOf(fullStatus, past), "/runs")
	for _, want := range []string{
		"<i>calm</i> of run r, job orders", "at least 90/s so far", "90/s89.5/s-0.5/s1 min500 ms", "120/s–+12/s1 min", "<u>it grows</u>",
	} {
		require.Contains(t, shown, want)
	}
	require.NotContains(t, shown, "the limit is higher")
	_, shown = runsPage(t, handlerOf(fullStatus, past), "/runs?job=another")
	require.NotContains(t, shown, "The sustainable rate")

	test.Ended, test.Verdict, test.Sustainable.Verdict = start.Add(time.Hour), scalerun.OK, scalerun.Sustained
	test.Sustainable.Beside = new(40.0)
	require.NoError(t, past.PutScaleTest(test))
	_, shown = runsPage(t, handlerOf(fullStatus, past), "/runs?run=r")
	require.Contains(t, shown, ": 90/s beside 40/s of other input, the limit is higher.")
	require.NotContains(t, shown, "so far")
}

// TestARateOfAnotherEpochIsOutdated: both pages say so with the date of the rate, and only of what is known.
func TestARateOfAnotherEpochIsOutdated(t *testing.T) {
	past := newHistory(t)
	require.NoError(t, past.PutScaleTest(scalerun.Test{
		ID: ulid.MustNew(ulid.Timestamp(start), ulid.DefaultEntropy()).String(), Run: "r", Job: "orders", Label: "base",
		OpensRun: true, Began: start, Ended: start.Add(time.Hour), Verdict: scalerun.OK, EpochKey: "e1",
		Sustainable: &scalerun.Sustainable{Rate: new(90.0), Verdict: scalerun.Sustained},
	}))
	for _, tc := range []struct {
		epoch    string
		outdated *bool
		shown    bool
	}{{"e1", new(false), false}, {"", nil, false}, {"e2", new(true), true}} {
		status := fullStatus()
		status.Jobs[0].EpochKey = tc.epoch
		status.Jobs[0].Sustainable = &api.FoundRate{Rate: 130, FoundAt: start.Add(time.Hour), Outdated: tc.outdated}
		handler := handlerOf(func() api.Status { return status }, past)
		_, runs := runsPage(t, handler, "/runs")
		require.Contains(t, runs, "The sustainable rate")
		require.Equal(t, tc.shown, strings.Contains(runs, "outdated The rate of 2026-03-01T13:00:00Z is that of an older job"), runs)
		_, jobs := runsPage(t, handler, "/")
		require.Contains(t, jobs, "Sustainable rate 130/s")
		require.Equal(t, tc.shown, strings.Contains(jobs, "130/s outdated, found 2026-03-01T13:00:00Z"), jobs)
	}
	_, jobs := runsPage(t, handlerOf(fullStatus, past), "/")
	require.NotContains(t, jobs, "Sustainable rate", "no search has found one")
}
