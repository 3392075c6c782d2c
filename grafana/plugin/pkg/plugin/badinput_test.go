package plugin

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// hostile are values that somebody may put into a variable.
var hostile = []string{
	"..", "../../status", "..%2f..%2fstatus", "/", "?limit=9&x=", "#", "%", "a b\n\tc", "\x00",
	"'; DROP TABLE episodes; --",
	`"}}{{.}}`, "${__data.fields}", "$job", ".*", "<script>alert(1)</script>", "日本語 🙂", strings.Repeat("x", 5000),
}

// TestHostileValues: a value is a text. It selects nothing, reaches no other path than the query's,
// and changes nothing.
func TestHostileValues(t *testing.T) {
	w := filled(t)
	withIDs := []string{"flamegraph", "diff", "logs"}
	kind := ""
	w.before = func(_ http.ResponseWriter, r *http.Request) bool {
		assert := func(ok bool) {
			if !ok {
				t.Errorf("%s asked %s %s", kind, r.Method, r.URL)
			}
		}
		assert(r.Method == http.MethodGet)
		assert(strings.HasPrefix(r.URL.Path, api.Prefix+"/"))
		if r.URL.Path == api.Prefix+"/status" {
			assert(kind == "nodegraph" || kind == "records")
		}
		return false
	}
	for kind = range queries {
		for _, value := range hostile {
			filters := map[string]any{"cluster": value, "job": value, "category": value, "mode": value, "run": value, "outcome": value, "kind": value}
			if slices.Contains(withIDs, kind) {
				filters["hash"], filters["other"], filters["episode"] = value, value, value
			}
			if kind == "records" {
				filters["seed"] = value
			}
			answer := w.ask(t, kind, filters)
			if answer.Error != nil {
				require.Contains(t, []backend.Status{400, 404}, answer.Status, "%s %q: %s", kind, value, answer.Error)
				require.Equal(t, backend.ErrorSourceDownstream, answer.ErrorSource)
				continue
			}
			for _, f := range answer.Frames {
				require.LessOrEqual(t, f.Rows(), 1, "%s %q", kind, value) // the root of an empty flame graph
			}
		}
	}
}

// TestQueriesThatAreNoQueries are refused, with what to do.
func TestQueriesThatAreNoQueries(t *testing.T) {
	w := newWorld(t)
	for _, filters := range []map[string]any{{"job": 5}, {"limit": "all"}, {"frames": -1e30}} {
		answer := w.ask(t, "findings", filters)
		require.ErrorContains(t, answer.Error, "write it anew")
		require.Equal(t, backend.StatusBadRequest, answer.Status)
	}
	answer := w.ask(t, "flamegraph", map[string]any{"hash": "hot", "frames": 1 << 40})
	require.ErrorContains(t, answer.Error, "frames:")
	require.Equal(t, backend.StatusBadRequest, answer.Status)
	require.NoError(t, w.ask(t, "flamegraph", map[string]any{"hash": "hot", "frames": -1}).Error)
	require.ErrorContains(t, w.ask(t, "findings", map[string]any{"severity": "'"}).Error, "severity")
	require.NoError(t, w.ask(t, "findings", map[string]any{"limit": -5}).Error)
}

// TestTenYears: a range of ten years is answered up to the limit, with a notice.
func TestTenYears(t *testing.T) {
	const limit = 20
	w := newWorld(t)
	w.many(t, limit+10)
	var asked atomic.Int64
	w.before = func(http.ResponseWriter, *http.Request) bool {
		asked.Add(1)
		return false
	}
	years := backend.TimeRange{From: start.AddDate(-5, 0, 0), To: start.AddDate(5, 0, 0)}
	for kind := range queries {
		if kind == "logs" || kind == "table" {
			continue // neither has a time range, nor anything to show here
		}
		asked.Store(0)
		answer := w.askOver(t, kind, map[string]any{"limit": limit}, years)
		require.NoError(t, answer.Error, kind)
		require.LessOrEqual(t, asked.Load(), int64(3), kind)
		if kind == "episodes" || kind == "findings" || kind == "profiles" || kind == "annotations" {
			require.Equal(t, limit, answer.Frames[0].Rows(), kind)
			require.Contains(t, answer.Frames[0].Meta.Notices[0].Text, "Only the newest 20 rows", kind)
		}
	}
}

// TestNewerSidecar: fields and words that the plugin does not know do no harm.
func TestNewerSidecar(t *testing.T) {
	w := newWorld(t)
	w.before = func(rw http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case api.Prefix + "/findings":
			return answers(200, `{"findings": [{"episode": "`+idAt(1)+`", "at": "2026-03-01T12:00:00Z", "tenant": {"id": 1},
				"finding": {"id": "F1", "title": "new", "severity": "catastrophic", "colour": "red"}}], "total": 7}`)(rw, r)
		case api.Prefix + "/status":
			return answers(200, `{"version": "99.0.0", "era": [], "jobs": [{"name": "j", "vertices": [{"id": "v", "name": "v",
				"parallelism": 3, "inputs": ["not there"], "gpu": true}]}]}`)(rw, r)
		}
		return false
	}
	f := w.ask(t, "findings", nil).Frames[0]
	require.Equal(t, []string{"catastrophic"}, texts(t, f, "severity"))
	nodes, edges := w.graph(t, nil)
	require.Equal(t, 1, nodes.Rows())
	require.Zero(t, edges.Rows())
}

// TestSidecarGoes while pages are read: half an answer is none.
func TestSidecarGoes(t *testing.T) {
	w := newWorld(t)
	page, err := json.Marshal(api.EpisodeList{Episodes: []episode.Episode{anEpisode(1)}, Next: idAt(1)})
	require.NoError(t, err)
	w.before = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("before") != "" {
			panic(http.ErrAbortHandler) // cuts the connection
		}
		return answers(200, string(page))(rw, r)
	}
	answer := w.ask(t, "episodes", map[string]any{"limit": 10_000})
	require.ErrorContains(t, answer.Error, "check the URL")
	require.Empty(t, answer.Frames)
	require.Equal(t, backend.ErrorSourceDownstream, answer.ErrorSource)
}

// TestSlowSidecar: a query ends when Grafana does not wait any longer.
func TestSlowSidecar(t *testing.T) {
	w := newWorld(t)
	w.before = func(_ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := w.plugin.Client.QueryData(ctx, &backend.QueryDataRequest{
		PluginContext: w.context,
		Queries:       []backend.DataQuery{{RefID: "A", QueryType: "trends", JSON: []byte(`{}`)}},
	})
	require.Error(t, err)
}

// TestRemoved: profiles and episodes that the history has dropped.
func TestRemoved(t *testing.T) {
	w := filled(t)
	for _, c := range []struct {
		kind    string
		filters map[string]any
	}{
		{"flamegraph", map[string]any{"hash": "gone"}},
		{"diff", map[string]any{"hash": "hot", "other": "gone"}},
		{"diff", map[string]any{"hash": "gone", "other": "calm"}},
		{"flamegraph", map[string]any{"episode": idAt(77)}},
		{"diff", map[string]any{"episode": idAt(77)}},
		{"logs", map[string]any{"episode": idAt(77)}},
	} {
		answer := w.ask(t, c.kind, c.filters)
		require.Error(t, answer.Error, "%v", c)
		require.Equal(t, backend.StatusNotFound, answer.Status, "%v", c)
		require.Equal(t, backend.ErrorSourceDownstream, answer.ErrorSource)
	}
}

// TestMoment: a flame graph and a comparison of an episode are of its profiles.
func TestMoment(t *testing.T) {
	w := filled(t)
	w.trees = stored{"hot": "ab", "calm": "bc"}
	require.Equal(t, 4, w.ask(t, "flamegraph", map[string]any{"episode": idAt(1)}).Frames[0].Rows())
	both := w.ask(t, "diff", map[string]any{"episode": idAt(1), "mode": "ITIMER"}).Frames[0]
	_, right := both.FieldByName("valueRight")
	require.GreaterOrEqual(t, right, 0)

	none := w.ask(t, "flamegraph", map[string]any{"episode": idAt(1), "mode": "ALLOC"}).Frames[0]
	require.Equal(t, 1, none.Rows())
	require.Contains(t, none.Meta.Notices[0].Text, "no such profile")

	links := w.ask(t, "findings", nil).Frames[0].Fields[2].Config.Links
	require.Equal(t, "flamegraph", links[0].Internal.Query.(map[string]any)["queryType"])
	require.Equal(t, `${__data.fields["episode"]}`, links[1].Internal.Query.(map[string]any)["episode"])
}
