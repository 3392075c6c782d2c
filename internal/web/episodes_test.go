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
