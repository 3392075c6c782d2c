package elasticsearch

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
)

const seedA, seedB = "fsp-01J0000000000000000000000A-0", "fsp-01J0000000000000000000000A-12"

// dialElastic returns a client of a fake Elasticsearch at url.
func dialElastic(t *testing.T, url string, change ...func(*Config)) *client {
	t.Helper()
	cfg := DefaultConfig()
	cfg.URLs = []string{url}
	for _, f := range change {
		f(&cfg)
	}
	client, err := newClient(&cfg, "search", "orders", nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.close(context.Background())) })
	return client
}

var bySeed = SinkConfig{Index: "orders", SeedField: "seed"}

func TestElasticsearchErrors(t *testing.T) {
	answer := func(status int, kind, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	security := func(status int, reason string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("WWW-Authenticate", `Basic realm="security", charset="UTF-8"`)
			elasticsearchtest.Error(w, status, "security_exception", reason)
		}
	}
	for _, tc := range []struct {
		name      string
		answer    func(http.ResponseWriter)
		want      string // URL stands for the server's address
		permanent bool
	}{
		{
			"no credentials", security(401, "missing authentication credentials for REST request [/orders/_search]"),
			`elasticsearch: URL refuses the credentials: HTTP 401, security_exception: missing ` +
				`authentication credentials for REST request [/orders/_search] (set or correct ` +
				`elasticsearch.http)`, true,
		},
		{
			"a proxy's 401", answer(401, "text/html", "<html>"),
			`elasticsearch: URL refuses the credentials: HTTP 401 (set or correct elasticsearch.http)`, true,
		},
		{
			"no right", security(
				403, "action [indices:data/read/search] is unauthorized for user [probe] on indices [orders]",
			),
			`elasticsearch: not authorised for index "orders": HTTP 403, security_exception: action ` +
				`[indices:data/read/search] is unauthorized for user [probe] on indices [orders] (grant the index ` +
				`privileges read and view_index_metadata, and delete for cleanup: delete)`, true,
		},
		{
			"no index", func(w http.ResponseWriter) {
				elasticsearchtest.Error(w, 404, "index_not_found_exception", "no such index [orders]")
			},
			`elasticsearch: index "orders" does not exist: HTTP 404, index_not_found_exception: no such index ` +
				`[orders] (create it, or correct sinks[name=search].elasticsearch.index)`, true,
		},
		{
			"a web server", answer(200, "text/html; charset=utf-8", "<html>Welcome</html>"),
			`elasticsearch: URL answers, but is not Elasticsearch or OpenSearch: HTTP 200, text/html (correct ` +
				`elasticsearch.urls)`, true,
		},
		{
			"something else that speaks JSON", answer(404, "application/json", `{"error":"not found"}`),
			`elasticsearch: URL answers, but is not Elasticsearch or OpenSearch: HTTP 404, application/json ` +
				`(correct elasticsearch.urls)`, true,
		},
		{
			"overloaded", func(w http.ResponseWriter) {
				elasticsearchtest.Error(w, 429, "circuit_breaking_exception", "[parent] Data too large")
			},
			`elasticsearch: URL can't answer now: HTTP 429, circuit_breaking_exception: [parent] Data too ` +
				`large (it is tried again)`, false,
		},
		{
			"not recovered yet", func(w http.ResponseWriter) {
				elasticsearchtest.Error(w, 503, "search_phase_execution_exception", "all shards failed")
			},
			`elasticsearch: URL can't answer now: HTTP 503, search_phase_execution_exception: all shards ` +
				`failed (it is tried again)`, false,
		},
		{
			"an error that is a string", func(w http.ResponseWriter) {
				w.Header().Set("X-Elastic-Product", "Elasticsearch")
				answer(
					400, "application/json",
					`{"error":"no handler found for uri [/orders/_search] and method [POST]"}`,
				)(w)
			},
			`elasticsearch: URL refuses the request: HTTP 400, no handler found for uri [/orders/_search] and ` +
				`method [POST] (see sinks[name=search].elasticsearch)`, false,
		},
		{
			"a long error of several lines", func(w http.ResponseWriter) {
				elasticsearchtest.Error(
					w, 400, "parsing_exception", strings.Repeat("x", 400)+"\n"+strings.Repeat("y", 400),
				)
			},
			`elasticsearch: URL refuses the request: HTTP 400, parsing_exception: ` + strings.Repeat("x", 281) +
				`… (see sinks[name=search].elasticsearch)`,
			false,
		},
		{
			"an answer that is cut off", func(w http.ResponseWriter) {
				w.Header().Set("X-Elastic-Product", "Elasticsearch")
				answer(200, "application/json", `{"hits":{"hits":[`)(w)
			},
			`elasticsearch: the answer of URL can't be read: unexpected EOF (it is tried again)`, false,
		},
		{
			"an answer without end", func(w http.ResponseWriter) {
				w.Header().Set("X-Elastic-Product", "Elasticsearch")
				answer(200, "application/json", strings.Repeat(" ", maxAnswer+1))(w)
			},
			`elasticsearch: the answer of URL is longer than 16777216 bytes (correct elasticsearch.urls)`, false,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := httptest.NewServer(
				http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { tc.answer(w) }),
			)
			defer server.Close()
			_, err := dialElastic(t, server.URL).search(t.Context(), bySeed, []string{seedA})
			require.EqualError(t, err, strings.ReplaceAll(tc.want, "URL", server.URL))
			require.Equal(t, tc.permanent, synthetic.IsPermanent(err))
		})
	}
}

func TestElasticsearchWithoutAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	url := server.URL
	server.Close()
	_, err := dialElastic(t, url).search(t.Context(), bySeed, []string{seedA})
	require.ErrorContains(t, err, "elasticsearch: "+url+" does not answer: ")
	require.ErrorContains(t, err, "connection refused (start it, or correct elasticsearch.urls)")
	require.False(t, synthetic.IsPermanent(err))

	hanging := make(chan struct{})
	server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hanging }))
	defer server.Close()
	defer close(hanging)
	client := dialElastic(t, server.URL)
	client.timeout = 20 * time.Millisecond
	_, err = client.search(t.Context(), bySeed, []string{seedA})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestElasticsearchOverTLSWithCredentials(t *testing.T) {
	elastic := elasticsearchtest.NewServer("orders")
	elastic.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		user, password, _ := r.BasicAuth()
		if user == "probe" && password == "hunter2" {
			return false
		}
		elasticsearchtest.Error(w, 401, "security_exception", "unable to authenticate user ["+user+"]")
		return true
	}
	server := httptest.NewTLSServer(elastic)
	defer server.Close()
	secret := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(secret, []byte("wrong"), 0o600))
	client := dialElastic(t, server.URL, func(cfg *Config) {
		cfg.HTTP.BasicAuth = &promconfig.BasicAuth{Username: "probe", PasswordFile: secret}
		cfg.HTTP.TLSConfig.InsecureSkipVerify = true
	})
	_, err := client.check(t.Context(), bySeed)
	require.EqualError(
		t, err,
		"elasticsearch: "+server.URL+" refuses the credentials: HTTP 401, security_exception: unable to "+
			"authenticate user [probe] (set or correct elasticsearch.http)",
	)
	require.NotContains(t, err.Error(), "wrong")
	require.NoError(t, os.WriteFile(secret, []byte("hunter2"), 0o600))
	_, err = client.check(t.Context(), bySeed)
	require.NoError(t, err, "the password is read again")
}

func TestSearchFindsOnlyProbeDocuments(t *testing.T) {
	elastic := elasticsearchtest.NewServer("orders")
	server := httptest.NewServer(elastic)
	defer server.Close()
	client := dialElastic(t, server.URL)
	elastic.Put("a", map[string]any{"seed": seedA, "ingested_at": 1})
	elastic.Put("b", map[string]any{"seed": seedB})
	elastic.Put("c", map[string]any{"order_id": "4711"})
	docs, err := client.search(t.Context(), bySeed, []string{seedA})
	require.NoError(t, err)
	require.Len(t, docs, 1)
	require.Equal(t, "orders/a", docs[0].place())
	require.Equal(t, seedA, docs[0].seed)
	docs, err = client.search(t.Context(), bySeed, []string{})
	require.NoError(t, err)
	require.Empty(t, docs)
}

func TestSearchWorksWithoutOptionalAPIs(t *testing.T) {
	elastic := elasticsearchtest.NewServer("orders")
	elastic.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/_search") {
			return false
		}
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"no handler found for uri [/orders/_field_caps] and method [POST]"}`)
		return true
	}
	server := httptest.NewServer(elastic)
	defer server.Close()
	client := dialElastic(t, server.URL)
	_, err := client.check(t.Context(), bySeed)
	require.NoError(t, err)
	_, _, err = client.refreshInterval(t.Context())
	require.Error(t, err)
}

// TestAnOverloadedServerIsNotChecked: an answer that may change soon says nothing about the
// mapping, so the sink is not taken for checked.
func TestAnOverloadedServerIsNotChecked(t *testing.T) {
	elastic := elasticsearchtest.NewServer("orders")
	elastic.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/_search") {
			return false
		}
		http.Error(w, `{"error":"overloaded"}`, http.StatusServiceUnavailable)
		return true
	}
	server := httptest.NewServer(elastic)
	defer server.Close()
	_, err := dialElastic(t, server.URL).check(t.Context(), bySeed)
	require.ErrorContains(t, err, "can't answer now: HTTP 503")
}

func TestRefreshInterval(t *testing.T) {
	for _, tc := range []struct {
		setting  string
		want     time.Duration
		explicit bool
		err      string
	}{
		{"", time.Second, false, ""},
		{"1s", time.Second, true, ""},
		{"30s", 30 * time.Second, true, ""},
		{"500ms", 500 * time.Millisecond, true, ""},
		{"2m", 2 * time.Minute, true, ""},
		{"-1", 0, true, `elasticsearch: refresh_interval "-1" is not an interval`},
	} {
		t.Run(tc.setting, func(t *testing.T) {
			elastic := elasticsearchtest.NewServer("orders")
			elastic.RefreshInterval = tc.setting
			server := httptest.NewServer(elastic)
			defer server.Close()
			every, explicit, err := dialElastic(t, server.URL).refreshInterval(t.Context())
			require.Equal(t, tc.want, every)
			require.Equal(t, tc.explicit, explicit)
			if tc.err != "" {
				require.EqualError(t, err, tc.err)
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestRemoveKeepsDocumentsWrittenAgain(t *testing.T) {
	elastic := elasticsearchtest.NewServer("orders")
	server := httptest.NewServer(elastic)
	defer server.Close()
	client := dialElastic(t, server.URL)
	for _, id := range []string{"a", "b"} {
		elastic.Put(id, map[string]any{"seed": seedA})
	}
	docs, err := client.search(t.Context(), bySeed, []string{seedA})
	require.NoError(t, err)
	require.Len(t, docs, 2)
	elastic.Put("b", map[string]any{"order_id": "a real one"})
	done, err := client.remove(t.Context(), docs)
	require.NoError(t, err)
	require.Empty(t, done.left)
	require.Equal(t, []string{"b"}, elastic.IDs())
}

func TestRemoveWithoutTheRight(t *testing.T) {
	for _, whole := range []bool{true, false} { // the request, or each item of it
		elastic := elasticsearchtest.NewServer("orders")
		elastic.Answer = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/_bulk" {
				return false
			}
			if whole {
				elasticsearchtest.Error(
					w, 403, "security_exception", "action [indices:data/write/bulk] is unauthorized for user [probe]",
				)
				return true
			}
			w.Header().Set("X-Elastic-Product", "Elasticsearch")
			fmt.Fprint(
				w,
				`{"errors":true,"items":[{"delete":{"_id":"a","status":403,"error":{"type":"security_exception"}}}]}`,
			)
			return true
		}
		server := httptest.NewServer(elastic)
		defer server.Close()
		client := dialElastic(t, server.URL)
		elastic.Put("a", map[string]any{"seed": seedA})
		docs, err := client.search(t.Context(), bySeed, []string{seedA})
		require.NoError(t, err)
		done, err := client.remove(t.Context(), docs)
		require.Len(t, done.left, 1)
		require.ErrorIs(t, err, synthetic.ErrNoRight)
		require.ErrorContains(t, err, "delete")
	}
}

func TestRetryUsesAnotherNode(t *testing.T) {
	elastic := elasticsearchtest.NewServer("orders")
	server := httptest.NewServer(elastic)
	defer server.Close()
	dead := httptest.NewServer(elastic)
	dead.Close()
	client := dialElastic(t, server.URL, func(cfg *Config) {
		cfg.URLs = []string{dead.URL, server.URL}
		cfg.Timeout = model.Duration(5 * time.Second)
	})
	for range 4 {
		_, err := client.check(t.Context(), bySeed)
		require.NoError(t, err)
	}
}
