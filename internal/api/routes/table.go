package routes

import (
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// Import reads the text of a request and stores its rows as a new run. The error has every
// fault of the text, and nothing is stored.
func Import(to ScaleTests, request api.ImportRequest, now time.Time) (api.ImportReceipt, error) {
	of := outcome.Import{Run: request.Run, Cluster: request.Cluster, Job: request.Job, Paired: request.Paired}
	if of.Run == "" {
		of.Run = "import " + now.UTC().Format(time.RFC3339)
	}
	if of.Job == "" {
		of.Job = api.ImportedJob
	}
	for _, text := range []string{of.Run, of.Cluster, of.Job} {
		if len(text) > api.MaxText || strings.ContainsFunc(text, unicode.IsControl) {
			return api.ImportReceipt{}, badRequest("run, cluster and job are names of at most %d printable characters (shorten %q)",
				api.MaxText, shorten(text))
		}
	}
	if request.Format != "csv" && request.Format != "json" {
		return api.ImportReceipt{}, badRequest("there is no format %q (use csv or json)", shorten(request.Format))
	}
	rows, err := outcome.Read([]byte(request.Text), request.Format, request.Paired)
	if err != nil {
		return api.ImportReceipt{}, err
	}
	return api.ImportReceipt{Run: of.Run, Job: of.Job, Rows: len(rows.List)}, to.ImportScaleTests(rows.Tests(of, now))
}

func (h *Handler) table(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of := q.job()
	if q.err != nil {
		return nil, q.err
	}
	if since := q.text("since"); since != "" {
		return ProductionTable(h.sources.Measurements, of, since, h.blockOr(q.text("block")))
	}
	if h.sources.ScaleTests == nil {
		return nil, errNoScaleTests
	}
	tests, err := api.StoredRun(h.sources.ScaleTests, of, r.URL.Query().Get("run"))
	if err != nil {
		return nil, err
	}
	return outcome.NewTable(tests), nil
}

func (h *Handler) importRows(w http.ResponseWriter, r *http.Request) (any, error) {
	var request api.ImportRequest
	if err := readJSON(w, r, &request, api.MaxEpisode); err != nil {
		return nil, err
	}
	if h.sources.ScaleTests == nil {
		return nil, errNoScaleTests
	}
	return Import(h.sources.ScaleTests, request, time.Now())
}
