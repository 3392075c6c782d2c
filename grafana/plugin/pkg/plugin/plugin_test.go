package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental"
	"github.com/grafana/grafana-plugin-sdk-go/experimental/datasourcetest"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

var update = flag.Bool("update", false, "write the golden frames in testdata anew")

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func idAt(n int) string {
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(start.Add(time.Duration(n) * time.Minute)))
	return id.String()
}

// world is the plugin, asked over gRPC as Grafana asks it, in front of the sidecar's real API on a
// real history.
type world struct {
	store  *history.Store
	status api.Status
	trees  routes.Trees
	plugin datasourcetest.TestPlugin
	// before, if not nil, may answer in place of the API.
	before  func(http.ResponseWriter, *http.Request) bool
	context backend.PluginContext
}

// stored are profiles by hash.
type stored map[string]string

func (s stored) Tree(hash string) (*flame.Tree, error) {
	text, found := s[hash]
	if !found {
		return nil, &api.Error{Status: http.StatusNotFound, Message: "the page is missing (its findings stay in history)"}
	}
	tree := flame.New()
	for i, frame := range text {
		tree.Add([]string{"main", string(frame)}, int64(i+1))
	}
	return tree, nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	config := history.DefaultConfig()
	config.Path = filepath.Join(t.TempDir(), "h.db")
	log := slog.New(slog.DiscardHandler)
	store, err := history.Open(t.Context(), config, log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w := &world{
		store: store, trees: stored{"hot": "ab", "calm": "bc", "none": ""},
		status: api.Status{Version: Version, History: api.History{Mode: api.ModeFile}},
	}
	handler := routes.NewHandler(routes.Sources{
		Status: func() api.Status { return w.status }, Episodes: store, Measurements: store, Records: store.Probes(),
		ScaleTests: store, Trees: w,
	}, log)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.before == nil || !w.before(rw, r) {
			handler.ServeHTTP(rw, r)
		}
	}))
	t.Cleanup(server.Close)
	w.serve(server.URL)
	return w
}

// Tree is one of w.trees.
func (w *world) Tree(hash string) (*flame.Tree, error) { return w.trees.Tree(hash) }

// started is the plugin's process: there can be one, because the SDK registers its metrics once.
var started datasourcetest.TestPlugin

func TestMain(m *testing.M) {
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	if started, err = datasourcetest.Manage(New, datasourcetest.ManageOpts{Address: address}); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = started.Shutdown()
	os.Exit(code)
}

// ids are those of data sources: each has an instance of its own in the plugin.
var ids int64

// serve makes a data source whose sidecar is at a URL.
func (w *world) serve(url string) {
	ids++
	w.plugin = started
	w.context = backend.PluginContext{
		PluginID: ID,
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{
			ID: ids, UID: "history", Name: "history", URL: url,
			JSONData:                []byte(`{"externalUrl":"https://flink.example/","httpHeaderName1":"X-Tenant"}`),
			DecryptedSecureJSONData: map[string]string{"token": "secret", "httpHeaderValue1": "eu"},
		},
	}
}

// ask sends one query of the hour after start.
func (w *world) ask(t *testing.T, kind string, filters map[string]any) backend.DataResponse {
	t.Helper()
	return w.askOver(t, kind, filters, backend.TimeRange{From: start.Add(-time.Minute), To: start.Add(time.Hour)})
}

func (w *world) askOver(t *testing.T, kind string, filters map[string]any, over backend.TimeRange) backend.DataResponse {
	t.Helper()
	body, err := json.Marshal(filters)
	require.NoError(t, err)
	answer, err := w.plugin.Client.QueryData(t.Context(), &backend.QueryDataRequest{
		PluginContext: w.context,
		Queries: []backend.DataQuery{{
			RefID: "A", QueryType: kind, JSON: body, TimeRange: over,
		}},
	})
	require.NoError(t, err)
	return answer.Responses["A"]
}

// filled has a few of everything.
func filled(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	for n := range 3 {
		require.NoError(t, w.store.PutEpisode(anEpisode(n)))
		require.NoError(t, w.store.PutMeasurement(aMeasurement(n)))
	}
	w.status.At, w.status.Jobs = start.Add(time.Hour), []api.Job{aJob("prod"), aJob("test")}
	w.status.Probe = &api.Probe{Cluster: "prod", Job: anEpisode(0).Alert.Job}
	require.NoError(t, w.store.Probes().Put([]episode.ProbeRecord{aRecord(0), aRecord(1)}))
	high := 900.0
	w.status.Trends = []api.Trend{{
		Rule: "checkpoint-duration", Job: "orders", Cluster: "prod", State: "predicted", Unit: "seconds", Samples: 40,
		Breach: &api.Breach{PointSeconds: 600, LowSeconds: 300, HighSeconds: &high}, Firing: true,
	}}
	return w
}

func anEpisode(n int) episode.Episode {
	opened := start.Add(time.Duration(n) * time.Minute)
	id := idAt(n)
	return episode.Episode{
		ID: id, State: episode.Done, Opened: opened, Concluded: opened.Add(30 * time.Second), Finished: opened.Add(31 * time.Second),
		Alert: episode.Alert{
			Rule: "checkpoint-duration", Source: episode.FromTrend, Cluster: "prod", Job: `orders "a", ü <b>`,
			Summary: "checkpoints reach 60 s in 22 min",
		},
		Target: &episode.Target{Process: "tm-3", VertexName: "enrich"},
		Profiles: []episode.Profile{
			{ID: id, Mode: "ITIMER", Process: "tm-3", Hash: "hot", Role: episode.Hot, Taken: opened.Add(time.Second), Duration: 20 * time.Second, Samples: 3, Grade: "good"},
			{ID: id, Mode: "ITIMER", Process: "tm-1", Hash: "calm", Role: episode.Control, Taken: opened.Add(time.Second), Duration: 20 * time.Second, Samples: 3, Grade: "good"},
		},
		Advice: &episode.Advice{Findings: []episode.Finding{
			{
				ID: id + "-F1", Category: "json-parsing", Title: "JSON is parsed twice", Rank: 1, Severity: episode.Warning, Confidence: 0.8,
				Impact: &episode.Impact{LowPercent: 5, HighPercent: 40}, Change: "parse it once", Why: "E1", Source: "rule:json", Evidence: []string{"E1"},
			},
			{ID: id + "-F2", Category: "other", Title: "A <script> & so on", Rank: 2, Severity: episode.Info, Source: "llm:m", Evidence: []string{"E1"}},
		}},
		Notes: []string{"the LLM did not answer (nothing to do)"},
	}
}

func aMeasurement(n int) episode.Measurement {
	rate := 100.0 + float64(n)
	m := episode.Measurement{
		ID: idAt(n), Kind: episode.KindWindow, Began: start.Add(time.Duration(n) * time.Minute), Ended: start.Add(time.Duration(n+1) * time.Minute),
		Cluster: "prod", Job: "orders", Throughput: &rate,
		Hops:     []episode.Hop{{Name: "visible", Count: 3, P50: 0.1, P99: 0.5, Max: 0.6}},
		Accounts: []episode.Account{{Sink: "search", Intended: 3, Outcomes: map[episode.RecordOutcome]int64{episode.OnTime: 3}}},
	}
	if n == 1 {
		m.Throughput = nil // unknown is a gap, not a zero
	}
	return m
}

// TestGoldenFrames holds the answer to every kind of query.
func TestGoldenFrames(t *testing.T) {
	w := filled(t)
	importRows(t, w)
	for kind := range queries {
		filters := map[string]any{}
		if kind == "logs" {
			filters["episode"] = idAt(1)
		}
		answer := w.ask(t, kind, filters)
		require.NoError(t, answer.Error, kind)
		require.NotEmpty(t, answer.Frames, kind)
		experimental.CheckGoldenJSONResponse(t, "testdata", kind, &answer, *update)
	}
}

func importRows(t *testing.T, w *world) {
	t.Helper()
	receipt, err := routes.Import(w.store, api.ImportRequest{
		Run: "july", Format: "csv",
		Text: "label,deployment,iteration,throughput\nbase,1,1,100\nbase,2,1,101\nbase,3,1,102\nchange,1,1,121\nchange,2,1,120\nchange,3,1,119\n",
	}, start)
	require.NoError(t, err)
	require.Positive(t, receipt.Rows)
}

// TestFilters: a query has what its filters let through.
func TestFilters(t *testing.T) {
	w := filled(t)
	for _, c := range []struct {
		kind    string
		filters map[string]any
		rows    int
	}{
		{"findings", map[string]any{"category": "other"}, 3},
		{"findings", map[string]any{"severity": "warning", "limit": 2}, 2},
		{"findings", map[string]any{"job": "another"}, 0},
		{"findings", map[string]any{"limit": 5}, 5},
		{"episodes", map[string]any{"cluster": "prod", "limit": 1}, 1},
		{"profiles", map[string]any{"mode": "ALLOC"}, 0},
		{"trends", map[string]any{"job": "orders"}, 1},
		{"trends", map[string]any{"job": "another"}, 0},
	} {
		answer := w.ask(t, c.kind, c.filters)
		require.NoError(t, answer.Error, c)
		rows, err := answer.Frames[0].RowLen()
		require.NoError(t, err)
		require.Equal(t, c.rows, rows, "%v", c)
	}
}

// TestSeveralJobs: a query has the newest rows of all jobs that are chosen; of one it has its own.
func TestSeveralJobs(t *testing.T) {
	w := newWorld(t)
	for n := range 6 {
		e := anEpisode(n)
		e.Alert.Job, e.Alert.Cluster = []string{"a", "b", "c"}[n%3], "prod"
		e.Profiles[0].Hash = fmt.Sprint("hot", n)
		require.NoError(t, w.store.PutEpisode(e))
		m := aMeasurement(n)
		m.Job = e.Alert.Job
		require.NoError(t, w.store.PutMeasurement(m))
	}
	w.trees = stored{"hot4": "a", "hot5": "b"}
	two := map[string]any{"jobs": []string{"a", "b"}, "limit": 3}
	f := w.ask(t, "episodes", two).Frames[0]
	require.Equal(t, []string{"b", "a", "b"}, texts(t, f, "job"))
	require.Contains(t, f.Meta.Notices[0].Text, "Only the newest 3")
	require.Len(t, w.ask(t, "findings", map[string]any{"jobs": []string{"a", "b"}, "clusters": []string{"prod", "test"}}).Frames[0].Fields, 17)
	require.Contains(t, names(t, w.ask(t, "flamegraph", two).Frames[0]), "a", "the newest profile of the two")
	for _, series := range w.ask(t, "measurements", two).Frames {
		require.NotEqual(t, "c", series.Fields[1].Labels["job"])
	}
	require.Contains(t, noticesOf(w.ask(t, "table", two).Frames[0])[0], "of a, b")
	many := make([]string, maxJobs+1)
	require.ErrorContains(t, w.ask(t, "episodes", map[string]any{"jobs": many}).Error, "choose fewer")
}

// TestMeasurementsOfAKind: a window of a minute and a round of the probe are series of their own, and
// a value that is not known is a gap.
func TestMeasurementsOfAKind(t *testing.T) {
	w := newWorld(t)
	for n := range 4 {
		m := aMeasurement(n)
		m.Kind = []string{episode.KindWindow, episode.KindWindow, episode.KindRound, episode.KindWindow}[n]
		if m.Kind == episode.KindRound {
			m.Throughput = nil
		}
		require.NoError(t, w.store.PutMeasurement(m))
	}
	for kind, series := range map[string]int{"": 13, "window": 7, "round": 6} { // six outcomes each
		frames := w.ask(t, "measurements", map[string]any{"kind": kind}).Frames
		require.Len(t, frames, series, "%q", kind)
		for _, f := range frames {
			if f.Name != "throughput" {
				continue
			}
			require.Equal(t, "window", f.Fields[1].Labels["kind"], "a round without one has no series")
			require.Equal(t, 3, f.Rows())
			require.Nil(t, f.Fields[1].At(1), "unknown is a gap")
		}
	}
}

// TestLinesHaveIDs: the panel shows one line of each id.
func TestLinesHaveIDs(t *testing.T) {
	w := newWorld(t)
	e := anEpisode(1)
	e.Profiles[0].Process, e.Profiles[1].Process = "ü-1", "ü-2"
	e.Notes = []string{"the same", "the same"}
	require.NoError(t, w.store.PutEpisode(e))
	ids := texts(t, w.ask(t, "logs", map[string]any{"episode": e.ID}).Frames[0], "id")
	require.Len(t, ids, 8)
	slices.Sort(ids)
	require.Len(t, slices.Compact(ids), 8)
	for _, id := range ids {
		require.Regexp(t, "^[0-9A-Zx0-9a-f-]+$", id)
	}
}

// TestEpisodesThatLasted: an annotation that began before the time range is drawn in it.
func TestEpisodesThatLasted(t *testing.T) {
	w := newWorld(t)
	e := anEpisode(0)
	e.Concluded, e.Finished = start.Add(20*time.Minute), start.Add(20*time.Minute)
	e.Alert.Source, e.Alert.ResolvedAt = episode.FromTrouble, start.Add(40*time.Minute)
	require.NoError(t, w.store.PutEpisode(e))
	over := func(from, to int) backend.TimeRange {
		return backend.TimeRange{From: start.Add(time.Duration(from) * time.Minute), To: start.Add(time.Duration(to) * time.Minute)}
	}
	for _, kind := range []string{"annotations", "episodes"} {
		require.Equal(t, 1, w.askOver(t, kind, nil, over(30, 50)).Frames[0].Rows(), kind)
		require.Zero(t, w.askOver(t, kind, nil, over(41, 50)).Frames[0].Rows(), kind)
	}
	f := w.askOver(t, "annotations", nil, over(30, 50)).Frames[0]
	require.WithinDuration(t, e.Alert.ResolvedAt, f.Fields[1].At(0).(time.Time), 0, "a trouble lasts until it ends")
}

// TestOwnFault is an error of the plugin, which whoever runs the sidecar cannot repair.
func TestOwnFault(t *testing.T) {
	t.Parallel()
	_, err := ownFault(0, errors.New("no"))
	answer := failed(fmt.Errorf("logs: %w", err))
	require.Equal(t, backend.ErrorSourcePlugin, answer.ErrorSource)
	require.Equal(t, backend.StatusInternal, answer.Status)
	_, err = ownFault(0, nil)
	require.NoError(t, err)
	require.Equal(t, backend.ErrorSourceDownstream, failed(errors.New("refused")).ErrorSource)
}

// TestLimitIsSaid: an answer that leaves rows out has a notice, and only such a one.
func TestLimitIsSaid(t *testing.T) {
	w := filled(t)
	for limit, said := range map[int]bool{1: true, 2: true, 3: false, 4: false} {
		answer := w.ask(t, "episodes", map[string]any{"limit": limit})
		require.Equal(t, said, len(answer.Frames[0].Meta.Notices) > 0, "limit %d", limit)
	}
	for limit, said := range map[int]bool{5: true, 6: false} {
		answer := w.ask(t, "findings", map[string]any{"limit": limit})
		require.Equal(t, said, len(answer.Frames[0].Meta.Notices) > 0, "limit %d", limit)
	}
}

// TestManyFindings reads pages until there are enough.
func TestManyFindings(t *testing.T) {
	const episodes = 1200 // two findings each
	w := newWorld(t)
	w.many(t, episodes)
	begun := time.Now()
	answer := w.ask(t, "findings", map[string]any{"limit": 10_000})
	require.NoError(t, answer.Error)
	require.Equal(t, 2*episodes, answer.Frames[0].Rows())
	t.Logf("%d findings in %s", answer.Frames[0].Rows(), time.Since(begun))
}

// many adds so many episodes, one each second.
func (w *world) many(t *testing.T, episodes int) {
	t.Helper()
	for n := range episodes {
		e := anEpisode(0)
		var id ulid.ULID
		require.NoError(t, id.SetTime(ulid.Timestamp(start.Add(time.Duration(n)*time.Second))))
		e.ID, e.Opened = id.String(), start.Add(time.Duration(n)*time.Second)
		for i := range e.Advice.Findings {
			e.Advice.Findings[i].ID = fmt.Sprintf("%s-F%d", e.ID, i+1)
		}
		require.NoError(t, w.store.PutEpisode(e))
	}
}

// TestEmptyFlameGraphs have one root, with the reason: the panel fails on a frame without rows.
func TestEmptyFlameGraphs(t *testing.T) {
	w := newWorld(t)
	for _, kind := range []string{"flamegraph", "diff"} {
		answer := w.ask(t, kind, nil)
		require.NoError(t, answer.Error)
		f := answer.Frames[0]
		rows, err := f.RowLen()
		require.NoError(t, err)
		require.Equal(t, 1, rows)
		require.NotEmpty(t, f.Meta.Notices)
	}
	answer := w.ask(t, "flamegraph", map[string]any{"hash": "none"})
	rows, err := answer.Frames[0].RowLen()
	require.NoError(t, err)
	require.Equal(t, 1, rows)
}

// TestErrors: what the sidecar says is wrong counts as an error downstream, with what to do.
func TestErrors(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name   string
		kind   string
		query  map[string]any
		before func(http.ResponseWriter, *http.Request) bool
		status int
		says   string
	}{
		{"no such query", "nonsense", nil, nil, 400, "choose one"},
		{"a profile that was removed", "flamegraph", map[string]any{"hash": "gone"}, nil, 404, "missing"},
		{"no run", "table", map[string]any{"run": "none"}, nil, 404, "no run none"},
		{"an episode that is no id", "logs", map[string]any{"episode": "../../status"}, nil, 400, ""},
		{"no episode", "logs", nil, nil, 400, "choose one"},
		{"token", "episodes", nil, answers(401, "no"), 401, "check token or password"},
		{"a host that is not known", "episodes", nil, answers(421, `{"error":"add it to web.allowed_hosts"}`), 421, "web.allowed_hosts (the name is the host in the URL"},
		{"a proxy's page", "episodes", nil, answers(502, "<html>"), 502, "is this a sidecar?"},
		{"no JSON", "episodes", nil, answers(200, "<html>"), 502, "does not answer as a sidecar does"},
		{"an older sidecar", "findings", nil, answers(404, `{"error":"there is no such path (see openapi.yaml)"}`), 404, "no such path"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.before = c.before
			answer := w.ask(t, c.kind, c.query)
			require.Error(t, answer.Error)
			require.Contains(t, answer.Error.Error(), c.says)
			require.Equal(t, backend.Status(c.status), answer.Status)
			require.Equal(t, backend.ErrorSourceDownstream, answer.ErrorSource)
		})
	}
}

func answers(status int, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	}
}

// TestGone: a sidecar that does not listen.
func TestGone(t *testing.T) {
	w := newWorld(t)
	w.serve("http://127.0.0.1:1")
	answer := w.ask(t, "episodes", nil)
	require.ErrorContains(t, answer.Error, "check the URL")
	require.Equal(t, backend.StatusBadGateway, answer.Status)
	health := w.health(t)
	require.Equal(t, backend.HealthStatusError, health.Status)
	require.Contains(t, health.Message, "check the URL")
}

func (w *world) health(t *testing.T) *backend.CheckHealthResult {
	t.Helper()
	result, err := w.plugin.Client.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: w.context})
	require.NoError(t, err)
	return result
}

func TestHealth(t *testing.T) {
	Version = "v1.2.3"
	t.Cleanup(func() { Version = "dev" })
	w := newWorld(t)
	fine := w.health(t)
	require.Equal(t, backend.HealthStatusOk, fine.Status)
	require.NotContains(t, fine.Message, "use the one of")

	w.status.Version = "9.9.9"
	mismatch := w.health(t)
	require.Equal(t, backend.HealthStatusOk, mismatch.Status)
	require.Contains(t, mismatch.Message, "version 9.9.9")
	require.Contains(t, mismatch.Message, "use the one of the sidecar's release")

	for _, version := range []string{"1.2.3", "unknown", "dev", ""} {
		w.status.Version = version
		require.NotContains(t, w.health(t).Message, "use the one of", "%q", version)
	}
	Version, w.status.Version = "dev", "9.9.9"
	require.NotContains(t, w.health(t).Message, "use the one of", "a plugin of no release")

	w.before = func(rw http.ResponseWriter, r *http.Request) bool {
		return r.URL.Path == api.Prefix+"/trends" && answers(404, `{"error":"no such path (x)"}`)(rw, r)
	}
	old := w.health(t)
	require.Equal(t, backend.HealthStatusError, old.Status)
	require.Contains(t, old.Message, "too old")
}

// TestTokenIsSent, and only to the sidecar: it is in no answer.
func TestTokenIsSent(t *testing.T) {
	w := newWorld(t)
	var sent, header string
	w.before = func(_ http.ResponseWriter, r *http.Request) bool {
		sent, header = r.Header.Get("Authorization"), r.Header.Get("X-Tenant")
		return false
	}
	require.NoError(t, w.ask(t, "episodes", nil).Error)
	require.Equal(t, "Bearer secret", sent)
	require.Equal(t, "eu", header)
	w.before = answers(401, "no")
	require.NotContains(t, w.ask(t, "episodes", nil).Error.Error(), "secret")
}

// TestPickers are the lists of the query editor.
func TestPickers(t *testing.T) {
	w := filled(t)
	importRows(t, w)
	w.status.Clusters = []api.Cluster{{Name: "prod"}}
	w.status.Jobs = []api.Job{{Name: "orders", Cluster: "prod"}, {Name: "other", Cluster: "test"}}
	for path, want := range map[string][]string{
		"clusters": {"prod"}, "jobs": {"orders", "other"}, "jobs?cluster=test": {"other"},
		"categories": {"json-parsing", "other"}, "modes": {"ITIMER"}, "runs": {"july"},
		"profiles": {"hot", "calm"}, "episodes": {idAt(2), idAt(1), idAt(0)},
	} {
		var got []string
		require.NoError(t, json.Unmarshal(w.resource(t, path, 200), &got), path)
		require.Equal(t, want, got, path)
	}
	w.before = answers(401, "no")
	require.Contains(t, string(w.resource(t, "modes", 502)), "check token")
	require.NotNil(t, w.resource(t, "secrets", 404))
}

func (w *world) resource(t *testing.T, path string, status int) []byte {
	t.Helper()
	var body []byte
	sender := backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error {
		require.Equal(t, status, r.Status, "%s: %s", path, r.Body)
		body = append(body, r.Body...)
		return nil
	})
	name, _, _ := strings.Cut(path, "?")
	require.NoError(t, w.plugin.Client.CallResource(context.Background(), &backend.CallResourceRequest{
		PluginContext: w.context, Path: name, URL: path, Method: http.MethodGet,
	}, sender))
	return body
}

// TestOneTextField: Grafana takes the first field of texts where none is called text.
func TestOneTextField(t *testing.T) {
	f := filled(t).ask(t, "annotations", nil).Frames[0]
	texts := 0
	for _, one := range f.Fields {
		if one.Name == "text" {
			texts++
			require.NotContains(t, one.At(0), "<")
		}
	}
	require.Equal(t, 1, texts)
	_, i := f.FieldByName("tags")
	require.Equal(t, `flink-sidecar,job:orders "a"  ü <b>,rule:checkpoint-duration,cluster:prod`, f.Fields[i].At(0))
}

// BenchmarkFlameGraph is the frame of 50,000 frames, as it is sent.
func BenchmarkFlameGraph(b *testing.B) {
	tree := flame.New()
	for i := range 10_000 {
		tree.Add([]string{"root", fmt.Sprint("a", i%100), fmt.Sprint("b", i%1000), fmt.Sprint("c", i), "d", "e", "f", fmt.Sprint(i)}, 1)
	}
	n := tree.NestedSet(100_000)
	for b.Loop() {
		if _, err := data.FrameToJSON(nested(n), data.IncludeAll); err != nil {
			b.Fatal(err)
		}
	}
}
