package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// troubled is a status with a stalled job on a cluster that lost a TaskManager.
func troubled() api.Status {
	s := fullStatus()
	s.Clusters = []api.Cluster{*s.Cluster}
	s.Jobs[0].Cluster = "local"
	s.Troubles = []api.Trouble{
		{
			Kind: "job-stalled", Rule: "job-stalled", Cluster: "local", Job: "orders", Subject: "Sink",
			Since: s.At.Add(-150 * time.Second), What: "Job stalled", Seen: "it reads 0 records/s.", Do: "see the sink",
		},
		{
			Kind: "taskmanager-gone", Rule: "taskmanager-gone", Cluster: "local", Subject: "tm2", Since: s.At,
			What: "TaskManager gone", Seen: "<b>tm2</b> is gone", Do: "see its log",
		},
		{
			Kind: "target-down", Rule: "kafka-down", Subject: "kafka", Since: s.At.Add(-time.Hour), What: "kafka is down",
			Seen: "refused (start it)", Do: "repair the brokers",
		},
	}
	return s
}

// TestTroublesAreAtTheTop: in their order, before everything else, each once.
func TestTroublesAreAtTheTop(t *testing.T) {
	s := troubled()
	s.Warnings = []api.Warning{{What: "Open", Text: "no password"}}
	page := render(t, s, oneEpisode(episode.Episode{ID: idAt(1), State: episode.Done, Alert: episode.Alert{
		Rule: "job-stalled", Source: episode.FromTrouble, Cluster: "local", Job: "orders",
	}}))
	var got []string
	alerts := 0
	for n := range element(t, page, "notices").Descendants() {
		if n.Data == "li" {
			got = append(got, text(n))
			if attribute(n, "role") == "alert" {
				require.Empty(t, attribute(n, "class"), "mild is not red")
				alerts++
			}
		}
	}
	require.Equal(t, []string{
		"Job stalled for 2 min 30 s: it reads 0 records/s. What to do: see the sink. its episode",
		"TaskManager gone for 0 s: <b>tm2</b> is gone. What to do: see its log.",
		"kafka is down for 1 h: refused (start it). What to do: repair the brokers.",
		"Open: no password",
	}, got)
	require.Equal(t, 3, alerts)
	require.Equal(t, []string{"episodes/" + idAt(1)}, hrefsOf(element(t, page, "notices")))
}

// TestManyTroublesOfAKind do not hide the rest.
func TestManyTroublesOfAKind(t *testing.T) {
	s := troubled()
	for range 100 {
		s.Troubles = slices.Insert(s.Troubles, 0, s.Troubles[0])
	}
	var got []string
	for n := range element(t, render(t, s, emptyHistory{}), "notices").Descendants() {
		if n.Data == "strong" {
			got = append(got, text(n))
		}
	}
	require.Equal(t, []string{
		"Job stalled", "Job stalled", "Job stalled", "Job stalled", "97 more of the kind job-stalled", "TaskManager gone",
		"kafka is down",
	}, got)
}

// TestARunningJobInTroubleIsNotGreen, and a number of TaskManagers that is too low is not
// gray.
func TestARunningJobInTroubleIsNotGreen(t *testing.T) {
	require.Equal(t, []string{"good", "good", ""}, moods(t, fullStatus()))
	s := fullStatus()
	s.Jobs[0].State = "RESTARTING"
	require.Equal(t, []string{"bad", "bad", ""}, moods(t, s))
	require.Equal(t, []string{"bad", "bad", "bad"}, moods(t, troubled()))
	s = troubled()
	s.Clusters[0].TaskManagers, s.Jobs[0].Cluster = new(2), "other"
	s.Clusters = append(s.Clusters, api.Cluster{Name: "other"})
	require.Equal(t, []string{"good", "bad"}, moods(t, s), "it is another cluster's trouble")
}

// moods are the styles of the states of jobs, and of the number of TaskManagers.
func moods(t *testing.T, s api.Status) (out []string) {
	t.Helper()
	page := render(t, s, emptyHistory{})
	for _, section := range []string{"summary", "jobs"} {
		for n := range element(t, page, section).Descendants() {
			class := attribute(n, "class")
			if state, ok := strings.CutPrefix(class, "state "); ok && (n.Data == "dd" || n.Parent.Data == "h3") {
				out = append(out, state)
			}
		}
	}
	for n := range element(t, page, "summary").Descendants() {
		if n.Data == "span" && n.FirstChild != nil && (text(n) == "2 TaskManagers" || text(n) == "2") {
			out = append(out, attribute(n, "class"))
		}
	}
	return out
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// TestALossKeepsItsEpisode although it has hit a second job since, and names none any more.
func TestALossKeepsItsEpisode(t *testing.T) {
	s := troubled()
	own := episodeRow{Episode: episode.Episode{ID: "e1", Alert: episode.Alert{
		Rule: "taskmanager-gone", Cluster: "local", Job: "orders",
	}}}
	notices := troubles(s, []episodeRow{own})
	require.Equal(t, "TaskManager gone", notices[1].What)
	require.Equal(t, "e1", notices[1].Episode)
	require.Empty(t, notices[0].Episode)
}

// TestAnEarlierEpisode is not called that of a trouble which began after it was over: while
// the rule cools down, no new one is opened.
func TestAnEarlierEpisode(t *testing.T) {
	s := troubled()
	page := render(t, s, oneEpisode(episode.Episode{ID: idAt(1), State: episode.Done, Alert: episode.Alert{
		Rule: "job-stalled", Source: episode.FromTrouble, Cluster: "local", Job: "orders",
		ResolvedAt: s.At.Add(-time.Hour),
	}}))
	require.Contains(t, text(element(t, page, "notices")), "see the sink. earlier episode")
}
