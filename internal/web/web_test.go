package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func idAt(n int) string {
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(start.Add(time.Duration(n) * time.Minute)))
	return id.String()
}

// newHistory returns a real history with an episode of each kind, three standing
// measurements of which the second is empty, and one round.
func newHistory(t *testing.T) *history.Store {
	t.Helper()
	config := history.DefaultConfig()
	config.Path = filepath.Join(t.TempDir(), "h.db")
	s, err := history.Open(t.Context(), config, quiet())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })

	alert := episode.Alert{Rule: "probe-round", Source: episode.FromCLI, Job: "orders", Summary: "A person asked."}
	require.NoError(t, s.PutEpisode(episode.Episode{
		ID: idAt(1), State: episode.Measuring, Opened: start,
		Alert: alert,
	}))
	require.NoError(t, s.PutEpisode(episode.Episode{
		ID: idAt(2), State: episode.Failed, Opened: start, Alert: alert,
		Error: "kafka: down (start it)",
	}))

	hops := []episode.Hop{
		{Name: "acknowledged", Count: 3, P50: 0.004, P99: 0.03},
		{Name: "visible", Count: 2, P50: 1.2, P99: 2.5},
	}
	window := episode.Measurement{Kind: episode.KindWindow, Job: "orders", Began: start}
	for n, m := range []episode.Measurement{
		{Throughput: new(100.0), Hops: hops},
		{Warnings: []string{"nothing was known"}},
		{Throughput: new(200.0), Hops: hops},
	} {
		window.ID, window.Throughput, window.Hops, window.Warnings = idAt(n), m.Throughput, m.Hops, m.Warnings
		require.NoError(t, s.PutMeasurement(window))
	}
	require.NoError(t, s.PutMeasurement(episode.Measurement{
		ID: idAt(9), Kind: episode.KindRound, Job: "orders", Began: start, Throughput: new(0.0), Hops: hops[:1],
		Accounts: []episode.Account{{
			Sink: "search", Intended: 5,
			Outcomes: map[episode.RecordOutcome]int64{episode.Lost: 2, episode.OnTime: 3},
		}},
	}))
	return s
}

func fullStatus() api.Status {
	return api.Status{
		Version: "1.2.3", At: start.Add(time.Hour), Started: start.Add(-25 * time.Hour),
		Cluster: &api.Cluster{
			Name: "local", FlinkVersion: "2.1.0", TaskManagers: new(2), Slots: new(4), SlotsFree: new(0),
			Polled: start.Add(time.Hour),
		},
		Targets: []api.Target{
			{Name: "flink", Address: "http://f:8081", Up: new(true), Since: start},
			{Name: "kafka", Up: new(false), Problems: []string{"kafka: refused (start it)"}},
			{Name: "elasticsearch"},
		},
		Jobs: []api.Job{{
			Name: "orders", State: "RUNNING", UptimeSeconds: new(3661.0), Restarts: new(0.0), Throughput: new(1234.5),
			Vertices: []api.Vertex{{
				ID: "v1", Name: "Source", Parallelism: 2, Busy: &api.Share{Mean: 0.21, Max: 0.9},
				Backpressured: &api.Share{},
				RecordsOut:    new(0.5), Pending: new(12840.0), Bottleneck: true, TrueRate: new(2.38),
			}, {ID: "v2", Name: "Sink", Parallelism: 1}},
			Checkpoints: &api.Checkpoints{Completed: 1500, Failed: 1, Last: &api.Checkpoint{
				Finished: start, DurationSeconds: 0.4, Bytes: 5 << 20, StateBytes: 61 << 20,
			}},
		}},
		Probe: &api.Probe{
			Job: "orders", Topic: "orders-in", IntervalSeconds: 10, OnTimeWithinSeconds: 60, CutoffSeconds: 180,
			HopsOverSeconds: 600,
			Hops: []episode.Hop{
				{Name: "acknowledged", Count: 3, P50: 0.004, P99: 0.03, Max: 0.05},
				{Name: "visible"},
			},
			Accounts: []episode.Account{
				{
					Sink: "enriched", Intended: 9334,
					Outcomes: map[episode.RecordOutcome]int64{episode.OnTime: 9333, episode.Pending: 1},
				},
				{
					Sink: "search", Intended: 10,
					Outcomes: map[episode.RecordOutcome]int64{episode.Lost: 2, episode.Late: 7}, Duplicates: 3,
				},
			},
		},
		History: api.History{Mode: api.ModeFile, Path: "flink-sidecar.db"},
		Hints:   []api.Hint{{Configure: "probe", Adds: "latency by hop"}},
	}
}

// get asks a handler.
func get(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
	return w
}

// render returns the page that shows a status and a past.
func render(t *testing.T, s api.Status, past History) *html.Node {
	t.Helper()
	response := get(t, handlerOf(func() api.Status { return s }, past), "GET", "/")
	require.Equal(t, http.StatusOK, response.Code)
	page, err := html.Parse(response.Body)
	require.NoError(t, err)
	return page
}

// rows returns the texts of the cells of the tables in a section, row by row.
func rows(t *testing.T, page *html.Node, section string) [][]string {
	t.Helper()
	var out [][]string
	for n := range element(t, page, section).Descendants() {
		if n.Data != "tr" || n.Parent.Data != "tbody" {
			continue
		}
		var row []string
		for cell := range n.ChildNodes() {
			if cell.Type == html.ElementNode {
				row = append(row, text(cell))
			}
		}
		out = append(out, row)
	}
	return out
}

func element(t *testing.T, page *html.Node, id string) *html.Node {
	t.Helper()
	n := find(page, id)
	require.NotNil(t, n, "no element has the id %s", id)
	return n
}

// find returns the element with an id, or nil.
func find(page *html.Node, id string) *html.Node {
	for n := range page.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "id" && a.Val == id {
				return n
			}
		}
	}
	return nil
}

func text(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		switch d.Data {
		case "dt", "dd", "p", "span", "figcaption", "h3":
			out.WriteByte(' ')
		}
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

func TestPageShowsWhatIsKnown(t *testing.T) {
	page := render(t, fullStatus(), newHistory(t))

	require.Equal(t, "local Flink 2.1.0 2 TaskManagers 0 of 4 slots free metrics read 0 s ago "+
		"orders RUNNING Throughput 1,234/s Probe until acknowledged, p50 / p99 4 ms / 30 ms Episodes none in progress "+
		"Targets 1 of 3 up, 1 unknown",
		text(element(t, page, "summary")))
	require.Equal(t, "kafka is down: refused (start it)", text(element(t, page, "notices")))
	require.Equal(t, [][]string{
		{"Source bottleneck", "2", "21 % (max 90 %)", "0 %", "unknown", "0.5/s", "2.4/s", "12,840"},
		{"Sink", "1", "unknown", "unknown", "unknown", "unknown", "–", "–"},
	}, rows(t, page, "jobs"))
	require.Contains(t, text(element(t, page, "jobs")), "Up for 1 h 1 min Restarts 0 "+
		"Checkpoints 1,500 completed, 1 failed, 0 in progress Last checkpoint 400 ms, wrote 5 MiB, state 61 MiB, "+
		"1 h ago "+
		"Throughput, last 3 measurements: 100/s to 200/s")
	require.Equal(t, [][]string{
		{"acknowledged", "3", "4 ms", "30 ms", "50 ms"},
		{"visible", "0", "unknown", "unknown", "unknown"},
		{"enriched", "9,334", "0", "0", "1", "9,333", "0", "0", "yes", "0", "unknown", "0", "0"},
		{"search", "10", "0", "0", "0", "0", "7", "2", "no", "3", "unknown", "0", "0"},
	}, rows(t, page, "probe"))
	require.Contains(t, text(element(t, page, "probe")),
		"every 10 s through orders, from topic orders-in. On time within 1 min, lost after 3 min.")
	require.Contains(t, text(element(t, page, "probe")), "Median until visible, last 3 measurements: 1.2 s to 1.2 s")
	require.Equal(t, [][]string{
		{"flink", "up", "http://f:8081", "1 h ago", ""},
		{"kafka", "down", "", "", "kafka: refused (start it)"},
		{"elasticsearch", "unknown", "", "", ""},
	}, rows(t, page, "targets"))
	require.Equal(t, [][]string{
		{"1 h ago", "failed", "kafka: down (start it)", "probe-round by CLI", "orders"},
		{"1 h ago", "measuring", "measuring", "probe-round by CLI", "orders"},
	}, rows(t, page, "episodes"))
	require.Equal(t, [][]string{
		{"1 h ago", "probe round", "orders", "0/s", "acknowledged", "4 ms", "30 ms", "2", ""},
		{"1 h ago", "standing", "orders", "200/s", "visible", "1.2 s", "2.5 s", "unknown", ""},
		{"1 h ago", "standing", "orders", "unknown", "unknown", "unknown", "unknown", "unknown", "nothing was known"},
		{"1 h ago", "standing", "orders", "100/s", "visible", "1.2 s", "2.5 s", "unknown", ""},
	}, rows(t, page, "measurements"))
	require.Equal(t, "This sidecar Version 1.2.3 Up for 1 d 2 h As of 2026-03-01T13:00:00Z History in "+
		"flink-sidecar.db "+
		"What a configuration would add probe latency by hop", text(element(t, page, "sidecar")))
}

func TestPageOfNothing(t *testing.T) {
	page := render(t, api.Status{}, emptyHistory{})
	require.Equal(t, "Flink has not answered yet. Jobs unknown Episodes none in progress Targets 0 of 0 up",
		text(element(t, page, "summary")))
	require.Empty(t, text(element(t, page, "notices")))
	require.Equal(t, "Jobs No data yet.", text(element(t, page, "jobs")))
	require.Equal(t, [][]string{{"No episode yet: one opens when a trend or an alert fires, when the job changes, " +
		"or when a person requests one."}}, rows(t, page, "episodes"))
	require.Equal(t, [][]string{{"No measurement yet: one is taken every minute."}}, rows(t, page, "measurements"))

	s := api.Status{Cluster: &api.Cluster{Name: "c"}, Jobs: []api.Job{{Name: "j"}}, Probe: &api.Probe{}}
	page = render(t, s, emptyHistory{})
	require.Equal(t, "c Flink unknown unknown TaskManagers unknown of unknown slots free metrics read never "+
		"j unknown Throughput unknown Probe latency unknown Episodes none in progress Targets 0 of 0 up",
		text(element(t, page, "summary")))
	require.Equal(t, "Jobs j unknown Throughput unknown Up for unknown Restarts unknown Checkpoints unknown",
		text(element(t, page, "jobs")))
	require.Equal(t, "No job runs or has run on this cluster.",
		strings.TrimPrefix(text(element(t, render(t, api.Status{Cluster: &api.Cluster{}}, emptyHistory{}), "jobs")),
			"Jobs "))
}

func TestNotices(t *testing.T) {
	s := fullStatus()
	s.Clusters = []api.Cluster{{Name: "c", MetricsFrozen: true}}
	s.Targets = append(s.Targets, api.Target{
		Name: "grafana", Up: new(false),
		Problems: []string{"grafana: refused (start it)"},
	})
	s.Loop = api.Loop{Announcing: 2, Working: 1, Queued: 3, Paused: []api.Part{api.PartProbe, api.PartLLM}}
	s.Trends = []api.Trend{{
		Rule: "checkpoint-size", Job: "orders", Firing: true,
		Summary: "checkpoint size passed 512 MiB and keeps growing",
	}}
	for range 5 {
		s.Trends = append(s.Trends, api.Trend{Rule: "heap", Firing: true})
	}
	s.Probe.Waiting = "the job is RESTARTING"
	s.History = api.History{Mode: api.ModeMemory, Reason: "read-only (make it writable)", SetAside: "h.db.damaged-1"}
	require.Equal(t, "1,200 entries of it are in a new one, 3 more and 1 page could not be read (compare with a backup); ",
		salvagedText(&api.Salvaged{Saved: 1200, Unreadable: 3, LostPages: 1}))
	page := render(t, s, brokenHistory{})
	var got []string
	for n := range element(t, page, "notices").Descendants() {
		if n.Data == "li" {
			got = append(got, text(n))
		}
	}
	require.Equal(t, []string{
		"kafka is down: refused (start it)",
		"grafana is down: refused (start it). 2 episodes are complete and wait for Grafana; nothing is lost.",
		"orders: checkpoint-size is firing: checkpoint size passed 512 MiB and keeps growing",
		"heap is firing", "heap is firing", "heap is firing",
		"2 more trends are firing: see below",
		"Flink's metrics stand still: Flink answers, but its metric store takes no new values. This may last ten " +
			"minutes after a TaskManager died. Until then these values are unknown.",
		"The probe waits: the job is RESTARTING",
		"probe is paused: no synthetic records are sent (sidecar resume probe)",
		"llm is paused: the LLM gets no requests (sidecar resume llm)",
		"History is in memory and ends with this process: read-only (make it writable)",
		"A damaged history was set aside: a new one was created; the old file is kept as h.db.damaged-1",
		"History cannot be read: disk on fire (put it out)",
	}, got)
	require.Contains(t, text(element(t, page, "sidecar")), "History in memory")
	require.Contains(t, text(element(t, page, "summary")), "Episodes 1 in progress, 3 queued, 2 to be announced")
}

// What fires leads to what was found.
func TestFiringTrendLinksToItsEpisode(t *testing.T) {
	s := fullStatus()
	s.Trends = []api.Trend{{Rule: "checkpoint-size", Job: "orders", Firing: true, Summary: "it grows"}}
	page := render(t, s, oneEpisode(announced()))
	require.Contains(t, text(element(t, page, "notices")),
		"orders: checkpoint-size is firing: it grows its episode")
	require.Contains(t, hrefsOf(element(t, page, "notices")), "episodes/"+idAt(1))
}

func TestHeadersAndPaths(t *testing.T) {
	h := handlerOf(fullStatus, emptyHistory{})
	for _, test := range []struct {
		method, path string
		status       int
		contentType  string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"HEAD", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/?part=main", 200, "text/html; charset=utf-8"},
		{"GET", "/static/page.css", 200, "text/css; charset=utf-8"},
		{"GET", "/static/page.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/static/icon.svg", 200, "image/svg+xml"},
		{"GET", "/episodes", 200, "text/html; charset=utf-8"},
		{"GET", "/episodes?before=" + idAt(1), 200, "text/html; charset=utf-8"},
		{"GET", "/episodes?before=1", 404, "text/html; charset=utf-8"},
		{"GET", "/episodes/" + idAt(1), 404, "text/html; charset=utf-8"},
		{"GET", "/episodes/1", 404, "text/html; charset=utf-8"},
		{"GET", "/episodes/", 404, "text/html; charset=utf-8"},
		{"GET", "/static/", 404, "text/html; charset=utf-8"},
		{"GET", "/favicon.ico", 404, "text/html; charset=utf-8"},
		{"POST", "/episodes/" + idAt(1), 405, "text/plain; charset=utf-8"},
		{"POST", "/", 405, "text/plain; charset=utf-8"},
	} {
		response := get(t, h, test.method, test.path)
		require.Equal(t, test.status, response.Code, test.path)
		require.Equal(t, test.contentType, response.Header().Get("Content-Type"), test.path)
		require.Equal(t, policy, response.Header().Get("Content-Security-Policy"), test.path)
		require.Equal(t, "nosniff", response.Header().Get("X-Content-Type-Options"), test.path)
	}
}

func TestPartIsThePagesMain(t *testing.T) {
	h := handlerOf(fullStatus, newHistory(t))
	page, part := get(t, h, "GET", "/").Body.String(), get(t, h, "GET", "/?part=main").Body.String()
	require.True(t, strings.HasPrefix(strings.TrimSpace(part), `<main id="main">`))
	require.Contains(t, page, part)
}

// The page works behind a proxy that serves it below a path of its own.
func TestLinksAreRelative(t *testing.T) {
	for n := range render(t, fullStatus(), newHistory(t)).Descendants() {
		for _, a := range n.Attr {
			if a.Key == "href" || a.Key == "src" {
				require.False(t, strings.HasPrefix(a.Val, "/") || strings.Contains(a.Val, ":"), a.Val)
			}
			require.NotEqual(t, "style", a.Key, "the policy forbids inline styles")
			require.False(t, strings.HasPrefix(a.Key, "on"), "the policy forbids inline scripts")
		}
	}
}

// emptyHistory remembers nothing.
type emptyHistory struct{}

func (emptyHistory) Episodes(episode.JobRef, string, int) ([]episode.Episode, error) { return nil, nil }

func (emptyHistory) Episode(string) (e episode.Episode, ok bool, err error) { return e, false, nil }

func (emptyHistory) Measurements(episode.JobRef, string, time.Time, time.Time, int) ([]episode.Measurement, error) {
	return nil, nil
}

// brokenHistory cannot be read.
type brokenHistory struct{}

var errBroken = errors.New("disk on fire (put it out)")

func (brokenHistory) Episodes(episode.JobRef, string, int) ([]episode.Episode, error) {
	return nil, errBroken
}

func (brokenHistory) Episode(string) (e episode.Episode, ok bool, err error) {
	return e, false, errBroken
}

func (brokenHistory) Measurements(episode.JobRef, string, time.Time, time.Time, int) ([]episode.Measurement, error) {
	return nil, errBroken
}

// handlerOf is a handler of a history that may know of declined alerts.
func handlerOf(status func() api.Status, past History) *Handler {
	declined, ok := past.(Alerts)
	if !ok {
		declined = noAlerts{}
	}
	runs, ok := past.(Runs)
	if !ok {
		runs = noRuns{}
	}
	return NewHandler(status, past, declined, runs, quiet())
}

type noRuns struct{}

func (noRuns) ScaleRuns(episode.JobRef, string, int) ([]scalerun.Run, error) {
	return nil, errBroken
}

func (noRuns) ScaleTest(string) (t scalerun.Test, found bool, err error) {
	return t, false, errBroken
}

func (noRuns) ComparedTests(string, episode.JobRef, string, int) ([]scalerun.Test, error) {
	return nil, errBroken
}

// Evaluations implements Runs.
func (noRuns) Evaluations(episode.JobRef, string, int) ([]episode.Evaluation, error) {
	return nil, errBroken
}

type noAlerts struct{}

func (noAlerts) Declined(episode.JobRef, string, int) ([]episode.Declined, error) { return nil, nil }

// Until the records of a measurement are final, nobody knows how many are lost.
func TestLostRecordsAreSaidWithThosePending(t *testing.T) {
	past := newHistory(t)
	for n, outcomes := range []map[episode.RecordOutcome]int64{
		{episode.Pending: 12}, {episode.Lost: 3, episode.Pending: 9}, {episode.Lost: 12}, {episode.OnTime: 12},
	} {
		require.NoError(t, past.PutMeasurement(episode.Measurement{
			ID: idAt(20 + n), Kind: episode.KindWindow, Job: "orders", Began: start,
			Accounts: []episode.Account{{Sink: "search", Intended: 12, Outcomes: outcomes}},
		}))
	}
	var lost []string
	for _, row := range rows(t, render(t, fullStatus(), past), "measurements")[:4] {
		lost = append(lost, row[7])
	}
	require.Equal(t, []string{"0", "12", "3 so far, 9 pending", "0 so far, 12 pending"}, lost)
}
