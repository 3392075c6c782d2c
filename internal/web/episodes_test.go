package web

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// list renders the list of episodes.
func list(t *testing.T, past History, query string) *html.Node {
	t.Helper()
	page, err := html.Parse(get(t, handlerOf(fullStatus, past), "GET", "/episodes"+query).Body)
	require.NoError(t, err)
	return page
}

func TestEveryEpisodeIsListedOnce(t *testing.T) {
	past := newHistory(t)
	sources := []episode.Source{
		episode.FromTrend, episode.FromAlertmanager, episode.FromAPI, episode.FromEpoch,
		episode.FromCLI,
	}
	for n := 10; n < 68; n++ {
		require.NoError(t, past.PutEpisode(episode.Episode{
			ID: idAt(n), State: episode.Done, Opened: start.Add(time.Duration(n) * time.Second),
			Alert: episode.Alert{Rule: "r", Source: sources[n%len(sources)], Job: "orders"},
		}))
	}
	page := render(t, fullStatus(), past)
	require.Len(t, rows(t, page, "episodes"), episodesShown)
	require.Contains(t, hrefsOf(page), "episodes?before="+idAt(58))

	newest := list(t, past, "")
	require.Len(t, rows(t, newest, "episodes"), episodesListed)
	require.Equal(t, [][]string{
		{"58 min 53 s ago", "done", "done", "r by API", "orders"},
		{"58 min 54 s ago", "done", "done", "r by Alertmanager", "orders"},
	}, [][]string{rows(t, newest, "episodes")[0], rows(t, newest, "episodes")[1]})
	require.Contains(t, hrefsOf(newest), "episodes?before="+idAt(18))

	rest := list(t, past, "?before="+idAt(18))
	require.Len(t, rows(t, rest, "episodes"), 10)
	require.Equal(t, "Newest episodes", text(element(t, rest, "pages")))
	last := list(t, past, "?before="+idAt(1))
	require.Equal(t, [][]string{{"No episode yet: one opens when a trend or an alert fires, when the job changes, " +
		"or when a person requests one."}}, rows(t, last, "episodes"))

	broken := list(t, brokenHistory{}, "")
	require.Equal(t, "History cannot be read: disk on fire (put it out)", text(element(t, broken, "notices")))
}

// A person who misses an episode finds why there is none.
func TestDeclinedAlertsAreListedWithTheirReason(t *testing.T) {
	past := newHistory(t)
	require.Nil(t, find(list(t, past, ""), "declined"), "without any there is no table")
	require.NoError(t, past.PutDeclined(episode.Declined{
		Alert:  episode.Alert{Rule: "ConsumerLag", Job: "payments", Fingerprint: "f1"},
		Reason: "unknown_job", Detail: `there is no job "payments" (name a job of this Flink: orders)`, First: start,
	}))
	newest := list(t, past, "")
	require.Equal(t, [][]string{{
		"1 h ago", "ConsumerLag on payments", "1", `there is no job "payments" (name a job of this Flink: orders)`,
	}}, rows(t, newest, "declined"))
	require.Nil(t, find(list(t, past, "?before="+idAt(9)), "declined"), "older pages have episodes only")
}

// Who reads old episodes is not disturbed; who watches the newest sees them come.
func TestOnlyTheNewestEpisodesReload(t *testing.T) {
	h := handlerOf(fullStatus, newHistory(t))
	require.Contains(t, get(t, h, "GET", "/episodes").Body.String(), "static/page.js")
	require.NotContains(t, get(t, h, "GET", "/episodes?before="+idAt(2)).Body.String(), "static/page.js")
}

// Words that a person on call did not understand, in tests of readers.
func TestPagesHaveNoWordsThatNeedAnExplanation(t *testing.T) {
	past := newHistory(t)
	require.NoError(t, past.PutEpisode(episode.Episode{
		ID: idAt(3), State: episode.Done, Opened: start, Triggers: []episode.Alert{{Rule: "checkpoint-size"}},
		Alert:       episode.Alert{Rule: "epoch-began", Source: episode.FromEpoch, Job: "orders"},
		Measurement: &episode.Measurement{Kind: episode.KindWindow, Warnings: []string{"few records"}},
		Advice:      &episode.Advice{Warnings: []string{"no LLM"}},
	}))
	one, err := html.Parse(get(t, handlerOf(fullStatus, past), "GET", "/episodes/"+idAt(3)).Body)
	require.NoError(t, err)
	for _, page := range []*html.Node{render(t, fullStatus(), past), list(t, past, ""), one} {
		for _, word := range []string{"epoch", "urthest", "oubt", "balance", "window", "quiet", "collector"} {
			require.NotContains(t, text(page), word)
		}
	}
	require.Equal(t, "deployed and 1 more alert seen in Flink", rows(t, list(t, past, ""), "episodes")[0][3])
	require.Contains(t, text(element(t, one, "why")), "Rule deployed Further alerts checkpoint-size")
}
