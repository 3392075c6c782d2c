package web

import (
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestTrialsOfASearch: the page shows the trials while the search goes on. Only its end makes the rate more
// than a lower bound, and what is said of it true.
func TestTrialsOfASearch(t *testing.T) {
	past := newHistory(t)
	_, shown := runsPage(t, handlerOf(fullStatus, past), "/runs")
	require.NotContains(t, shown, "The sustainable rate")
	test := episode.ScaleTest{
		ID: ulid.MustNew(ulid.Timestamp(start), ulid.DefaultEntropy()).String(), Run: "r", Job: "orders", Label: "<i>calm</i>",
		OpensRun: true, Began: start, Verdict: episode.ScaleAborted,
		Sustainable: &episode.Sustainable{
			Rate: new(90.0), Verdict: episode.Undecided, Reason: "the limit is higher",
			Trials: []episode.ScaleTrial{
				{Rate: 90, Verdict: episode.Sustained, Reason: "it shrinks", SentRate: new(89.5), Growth: new(-0.5), Seconds: 60, LatencyP99: new(0.5)},
				{Rate: 120, Verdict: episode.NotSustained, Reason: "<u>it grows</u>", Growth: new(12.0), Seconds: 61},
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

	test.Ended, test.Verdict, test.Sustainable.Verdict = start.Add(time.Hour), episode.ScaleOK, episode.Sustained
	test.Sustainable.Beside = new(40.0)
	require.NoError(t, past.PutScaleTest(test))
	_, shown = runsPage(t, handlerOf(fullStatus, past), "/runs?run=r")
	require.Contains(t, shown, ": 90/s beside 40/s of other input, the limit is higher.")
	require.NotContains(t, shown, "so far")
}
