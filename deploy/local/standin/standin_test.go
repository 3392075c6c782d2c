package standin

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// do sends a request to a stand-in, with a token unless it is empty.
func do(t *testing.T, g *Grafana, method, path, token, body string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	recorder := httptest.NewRecorder()
	g.Handler().ServeHTTP(recorder, request)
	return recorder
}

func page(t *testing.T, g *Grafana) string {
	t.Helper()
	return do(t, g, http.MethodGet, "/", "", "").Body.String()
}

func TestAPI(t *testing.T) {
	g := New()
	const annotation = `{"time":1795348800000,"timeEnd":1795348860000,"tags":["a"],"text":"one"}`
	for _, tc := range []struct {
		name, method, path, token, body string
		status                          int
		want                            string
	}{
		{"health", "GET", "/api/health", "", "", 200, `"database":"ok"`},
		{"reading without a token", "GET", "/api/annotations", "", "", 401, "Unauthorized"},
		{"writing with a wrong one", "POST", "/api/annotations", "glsa_no", annotation, 401, "Invalid API key"},
		{"writing", "POST", "/api/annotations", g.Token(), annotation, 200, `{"id":1,"message":"Annotation added"}`},
		{"reading", "GET", "/api/annotations?tags=a", g.Token(), "", 200, `"timeEnd":1795348860000,"text":"one"`},
		{"dashboards", "GET", "/api/search", g.Token(), "", 404, "404 page not found"},
		{"no log-in", "GET", "/login", "", "", 404, "404 page not found"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			response := do(t, g, tc.method, tc.path, tc.token, tc.body)
			require.Equal(t, tc.status, response.Code)
			require.Contains(t, response.Body.String(), tc.want)
		})
	}
}

func TestEveryStandInHasATokenOfItsOwn(t *testing.T) {
	require.Regexp(t, "^glsa_[A-Z2-7]{26}$", New().Token())
	one, other := New(), New()
	require.NotEqual(t, one.Token(), other.Token())
}

func TestPage(t *testing.T) {
	g := New()
	response := do(t, g, http.MethodGet, "/", "", "")
	require.Equal(t, "text/html; charset=utf-8", response.Header().Get("Content-Type"))
	require.Equal(t, "default-src 'none'; style-src 'unsafe-inline'", response.Header().Get("Content-Security-Policy"))
	empty := response.Body.String()
	require.Contains(t, empty, "<h1>grafana-stand-in</h1>\n<p>annotations API only; no real Grafana is started. ")
	require.Contains(t, empty, "There are no annotations yet.")

	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	g.api.Add(grafanatest.Annotation{
		Time: noon.UnixMilli(), TimeEnd: noon.Add(time.Minute).UnixMilli(), Tags: []string{"fsc:1", "<b>"},
		Text: `passes 40 MiB &amp; goes on<br><script>alert(1)</script><br><a href="http://p/e?a=1&amp;b=2" target="_blank">Evidence</a>`,
	})
	g.api.Add(grafanatest.Annotation{Text: "second"})
	full := page(t, g)
	require.Contains(t, full, `<tr><td>1</td><td>2026-11-22 12:00:00</td><td>2026-11-22 12:01:00</td><td>fsc:1, &lt;b&gt;</td>`+
		`<td class="text">passes 40 MiB &amp; goes on`+"\n"+"&lt;script&gt;alert(1)&lt;/script&gt;\n"+`http://p/e?a=1&amp;b=2</td></tr>`)
	require.Less(t, strings.Index(full, "second"), strings.Index(full, "passes 40 MiB"), "the newest first")
}

// What is stored outlives the service, and so does the token.
func TestRun(t *testing.T) {
	g := New()
	g.api.Add(grafanatest.Annotation{Text: "kept"})
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- g.Run(ctx, "127.0.0.1:0") }()
		cancel()
		require.NoError(t, <-ended)
	}
	require.Contains(t, page(t, g), "kept")
	require.EqualError(t, g.Run(t.Context(), "127.0.0.1:none"), "listen tcp: lookup tcp/none: unknown port")
}
