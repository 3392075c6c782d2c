package grafana

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
)

// TestThePageHasEachAnswer: the table of docs/grafana.md quotes what the sidecar says to do, neither more
// nor less.
func TestThePageHasEachAnswer(t *testing.T) {
	page, err := os.ReadFile("../docs/grafana.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(page), "What it says when Grafana refuses")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n## ")
	var quoted []string
	for _, text := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(table, -1) {
		quoted = append(quoted, text[1])
	}

	said := hints(t)
	slices.Sort(said)
	slices.Sort(quoted)
	require.Equal(t, slices.Compact(said), slices.Compact(quoted))
}

// hints are what the sidecar says to do about each kind of answer.
func hints(t *testing.T) (all []string) {
	t.Helper()
	add := func(err error) {
		failed, is := errors.AsType[*Error](err)
		require.True(t, is, "%v", err)
		all = append(all, strings.ReplaceAll(failed.Hint, `"…"`, "…"))
	}
	a := serving(t, &grafanatest.Server{Token: token}, nil, nil)
	for _, status := range []int{401, 403, 404, 429, 500, 502, 503, 504} {
		add(a.client.refused("", status, nil))
	}
	add(a.client.unanswered(t.Context(), "", io.EOF))
	expired, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	add(a.client.unanswered(expired, "", context.DeadlineExceeded))
	add(a.client.unanswered(t.Context(), "", &url.Error{Op: http.MethodGet, Err: redirect.ErrRefused}))
	gone := serving(t, &grafanatest.Server{Token: token}, nil, func(c *Config) { c.DashboardUID = "…" })
	_, err := gone.Notify(t.Context(), ep, "one", began, ended)
	add(err)
	a.client.cfg.TokenFile = "/does/not/exist"
	add(a.Check(t.Context()))
	return all
}
