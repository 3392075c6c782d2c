package flink_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// profiler answers like Flink's profiler, and records its requests.
func profiler(t *testing.T, status int, answer string) (url string, asked *[]string) {
	t.Helper()
	asked = &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*asked = append(*asked, r.Method+" "+r.URL.EscapedPath()+" "+r.Header.Get("Content-Type")+" "+string(body))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestDoReturnsEveryStatusWithItsAnswer(t *testing.T) {
	const still = `{"errors":["… is still under profiling."]}`
	url, asked := profiler(t, http.StatusInternalServerError, still)
	c := client(t, url)
	status, answer, err := c.Do(t.Context(), http.MethodPost, "/taskmanagers/:taskmanagerid/profiler",
		[]string{"tm/1"}, []byte(`{"mode":"ITIMER"}`), 1<<20)
	require.NoError(t, err)
	require.Equal(t, http.StatusInternalServerError, status)
	require.JSONEq(t, still, string(answer))
	require.Equal(t, []string{`POST /taskmanagers/tm%2F1/profiler application/json {"mode":"ITIMER"}`}, *asked)
	require.InDelta(t, 1, testutil.ToFloat64(c), 0, "it is counted as any other request")
}

func TestDoReadsNoMoreThanItsLimit(t *testing.T) {
	url, asked := profiler(t, http.StatusOK, "0123456789")
	_, answer, err := client(t, url).Do(t.Context(), http.MethodGet, "/jobmanager/profiler", nil, nil, 4)
	require.NoError(t, err)
	require.Equal(t, "0123", string(answer))
	require.Equal(t, []string{"GET /jobmanager/profiler  "}, *asked)
}

func TestDoSaysWhyNoAnswerCame(t *testing.T) {
	url, _ := profiler(t, http.StatusOK, "")
	c := client(t, url)
	_, _, err := c.Do(t.Context(), http.MethodGet, "/taskmanagers/:taskmanagerid/profiler", []string{".."}, nil, 1)
	require.EqualError(t, err, `flink: /taskmanagers/:taskmanagerid/profiler: ".." is not an id (use one that Flink listed)`)

	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c = client(t, gone.URL)
	_, _, err = c.Do(t.Context(), http.MethodGet, "/jobmanager/profiler", nil, nil, 1)
	require.ErrorIs(t, err, flink.ErrUnreachable)
	require.Equal(t, 2, testutil.CollectAndCount(c), "a failure is counted beside the request")
}
