package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// runsPage is a page with and without markup.
func runsPage(t *testing.T, h *Handler, path string) (raw, shown string) {
	t.Helper()
	response := get(t, h, "GET", path)
	require.Equal(t, http.StatusOK, response.Code)
	raw = response.Body.String()
	page, err := html.Parse(strings.NewReader(raw))
	require.NoError(t, err)
	return raw, text(element(t, page, "main"))
}

func TestPageOfRuns(t *testing.T) {
	past := newHistory(t)
	handler := handlerOf(fullStatus, past)
	_, shown := runsPage(t, handler, "/runs")
	require.Contains(t, shown, "No table: there is no run with a baseline")

	rows := "label,deployment,iteration,throughput\nbase,1,1,99\nbase,2,1,100\nbase,3,1,101\n" +
		"<b>bigger</b>,1,1,149\n<b>bigger</b>,2,1,150\n<b>bigger</b>,3,1,151\nworse,1,1,50\n"
	for n, run := range []string{"first", "a&b"} {
		_, err := api.Import(past, api.ImportRequest{Run: run, Job: "orders", Format: "csv", Text: rows},
			start.Add(time.Duration(n)*time.Minute))
		require.NoError(t, err)
	}
	raw, shown := runsPage(t, handler, "/runs?run=first")
	for _, want := range []string{
		"Run first of job orders", "<b>bigger</b>", "+50.00 %", "+46.97 % to +53.10 %", "better", "too few samples",
		"Further runs",
	} {
		require.Contains(t, shown, want)
	}
	require.Contains(t, raw, `href="runs?run=a%26b&amp;job=orders&amp;cluster="`)
	_, shown = runsPage(t, handler, "/runs")
	require.Contains(t, shown, "Run a&b of job orders")

	_, shown = runsPage(t, handlerOf(fullStatus, brokenHistory{}), "/runs")
	require.Contains(t, shown, "Scale tests cannot be read")
}
