package server

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

func TestPagesAreServedGuarded(t *testing.T) {
	store := &pagestore.Store{Dir: t.TempDir()}
	mux := http.NewServeMux()
	mux.Handle("GET /profiles/{file}", ServePages(store))
	get := func(path string) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return answer
	}
	put := func(text string) string {
		require.NoError(t, store.Put([]byte(text)))
		return pagestore.HashOf([]byte(text))
	}
	const evil = "<html><script>fetch('/api/v1/brake/pause', {method: 'POST'})</script></html>"
	page := put(evil)
	answer := get("/profiles/" + page + ".html")
	require.Equal(t, http.StatusOK, answer.Code)
	require.Equal(t, evil, answer.Body.String(), "as it was")
	require.Equal(t, `inline; filename="`+page+`.html"`, answer.Header().Get("Content-Disposition"))
	require.Equal(t, "nosniff", answer.Header().Get("X-Content-Type-Options"))
	policy := answer.Header().Get("Content-Security-Policy")
	require.True(t, strings.HasPrefix(policy, "sandbox allow-scripts; default-src 'none';"), policy)
	require.NotContains(t, policy, "allow-same-origin")

	file := get("/profiles/" + page + ".html?download")
	require.Equal(t, `attachment; filename="`+page+`.html"`, file.Header().Get("Content-Disposition"))
	require.Equal(t, policy, file.Header().Get("Content-Security-Policy"))

	vertex := get("/profiles/" + put(`{"endTimestamp": 1}`))
	require.Equal(t, "application/json", vertex.Header().Get("Content-Type"))
	require.Regexp(t, `^attachment; .*\.json"$`, vertex.Header().Get("Content-Disposition"))

	for _, path := range []string{
		"/profiles/" + strings.Repeat("0", 64) + ".html",
		"/profiles/..%2f..%2fetc%2fpasswd", "/profiles/x",
	} {
		require.Equal(t, http.StatusNotFound, get(path).Code, path)
	}
	files, err := filepath.Glob(filepath.Join(store.Dir, page+"*"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files[0], []byte("no gzip"), 0o600))
	damaged := get("/profiles/" + page + ".html")
	require.Equal(t, http.StatusInternalServerError, damaged.Code)
	require.Contains(t, damaged.Body.String(), "is damaged")
}
