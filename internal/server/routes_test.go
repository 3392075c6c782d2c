package server

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	apiroutes "github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/web"
)

var variable = regexp.MustCompile(`\{(\w+|\$)\}`)

// TestEveryRouteHasAnEntry: what the API and the pages serve must be in the table, with
// who may use it and its limits, and must not fall to the entries for what does not exist.
func TestEveryRouteHasAnEntry(t *testing.T) {
	mux, entries := http.NewServeMux(), map[string]route{}
	for _, r := range routes {
		mux.Handle(r.pattern, http.NotFoundHandler())
		entries[r.pattern] = r
	}
	served := append(apiroutes.Operations(), web.Patterns()...)
	served = append(served, "GET /metrics", "GET /-/healthy", "GET /-/ready", "POST /-/reload",
		"POST /alertmanager/webhook", "POST /alertmanager/webhook/api/v2/alerts", "GET /profiles/{file}")
	used := map[string]bool{"/": true, "/api/": true}
	for _, pattern := range served {
		method, path, _ := strings.Cut(pattern, " ")
		path = variable.ReplaceAllString(strings.ReplaceAll(path, "{$}", ""), "x")
		_, found := mux.Handler(httptest.NewRequestWithContext(t.Context(), method, path, nil))
		entry, ok := entries[found]
		require.True(t, ok && found != "/" && found != "/api/",
			"%s has no entry in the table of routes: say who may use it and its limits", pattern)
		used[found] = true
		if method != http.MethodGet {
			require.Contains(t, []Access{Write, Webhook}, entry.access, pattern)
		}
	}
	for pattern, entry := range entries {
		require.True(t, used[pattern], "%s is in the table, and nothing serves it", pattern)
		require.Contains(t, []Access{Public, Scrape, Read, Write, Webhook}, entry.access, pattern)
		require.Positive(t, entry.read, "%s needs a limit for the body", pattern)
		require.Positive(t, entry.write, "%s needs a limit for the answer", pattern)
		require.True(t, entry.pool == "" || pools[entry.pool] > 0, "%s: pool %q", pattern, entry.pool)
		require.False(t, entry.body > 0 && entry.access != Write && entry.access != Webhook,
			"%s only reads, and takes a body", pattern)
	}
}
