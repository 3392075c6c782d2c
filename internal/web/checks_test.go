package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

func TestThePageShowsChecksWithTheLineThatRepairs(t *testing.T) {
	h := handlerOf(func() api.Status { return api.Status{At: start} }, brokenHistory{})
	page := func() string {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
		return answer.Body.String()
	}
	require.NotContains(t, page(), "sidecar doctor", "nothing is checked")
	var at time.Time
	h.Checks = func() (time.Time, []check.Result) {
		return at, []check.Result{
			{Check: "flink.clock", State: check.Unknown, Says: "it does not tell"},
			{Check: "flink.connection", State: check.OK, Says: "it answers"},
			{Check: "kafka.topic", Of: "<orders>", State: check.Failed, Says: "no such topic", Fix: &check.Fix{In: "sidecar.yml:31", Line: "  topic: orders"}},
		}
	}
	require.NotContains(t, page(), "sidecar doctor", "the first checks are not done")

	at = start.Add(-time.Minute)
	text := page()
	require.Contains(t, text, "1 fine, 2 to look at")
	require.Contains(t, text, "&lt;orders&gt;")
	require.Contains(t, text, "<p class=\"quiet\">in sidecar.yml:31:</p><code>  topic: orders</code>")
	require.Less(t, strings.Index(text, "kafka.topic"), strings.Index(text, "flink.clock"), "the most severe first")
	require.NotContains(t, text, "flink.connection")
}
