package flinktest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

func ask(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

func TestProfiler(t *testing.T) {
	s := flinktest.New(t, flinktest.Flink23)
	now := time.Unix(1_800_000_000, 0)
	s.SetNow(func() time.Time { return now })
	at := s.URL + "/taskmanagers/tm1/profiler"
	status, _ := ask(t, http.MethodPost, at, `{"mode":"ITIMER","duration":30}`)
	require.Equal(t, http.StatusNotFound, status, "profiling is disabled")

	s.EnableProfiler([]byte("<html>"))
	status, answer := ask(t, http.MethodPost, at, `{"mode":"ITIMER","duration":30}`)
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"status":"RUNNING","mode":"ITIMER","triggerTime":1800000000000,"finishedTime":null,"duration":30,"message":null,"outputFile":null}`, answer)
	status, answer = ask(t, http.MethodPost, at, `{"mode":"ITIMER","duration":30}`)
	require.Equal(t, http.StatusInternalServerError, status)
	require.Contains(t, answer, "tm1 is still under profiling.")

	now = now.Add(30 * time.Second)
	_, answer = ask(t, http.MethodGet, at, "")
	require.Contains(t, answer, `"status":"FINISHED"`)
	_, answer = ask(t, http.MethodGet, at+"/tm1_ITIMER_1800000000000.html", "")
	require.Equal(t, "<html>", answer)
	require.Equal(t, 1, s.ProfilesBegun())
}
