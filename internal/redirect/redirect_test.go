package redirect_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
)

func TestOnlyTheSameHostIsFollowed(t *testing.T) {
	reached := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer other.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/moved", func(w http.ResponseWriter,
		r *http.Request,
	) {
		http.Redirect(w, r, "/here", http.StatusFound)
	})
	mux.HandleFunc("/here", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	mux.HandleFunc("/away", func(w http.ResponseWriter,
		r *http.Request,
	) {
		http.Redirect(w, r, other.URL, http.StatusFound)
	})
	mux.HandleFunc("/round", func(w http.ResponseWriter,
		r *http.Request,
	) {
		http.Redirect(w, r, "/round", http.StatusFound)
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	client := &http.Client{CheckRedirect: redirect.SameHost}
	for path, want := range map[string]int{
		"/moved": http.StatusTeapot, "/away": http.StatusFound,
		"/round": http.StatusFound,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, http.NoBody)
		require.NoError(t, err)
		answer, err := client.Do(request)
		require.NoError(t, err, path)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, want, answer.StatusCode, path)
	}
	require.Zero(t, reached)
}
