package api

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// ImportedJob is the job of imported numbers whose job is not said.
const ImportedJob = "imported"

// ImportRequest is the body of POST /api/v1/history/import.
type ImportRequest struct {
	// Run names the new run; empty is the time of the import. Job is [ImportedJob] if it is
	// empty.
	Run     string `json:"run,omitempty"`
	Cluster string `json:"cluster,omitempty"`
	Job     string `json:"job,omitempty"`
	// Format is that of Text: "csv" or "json".
	Format string `json:"format"`
	Text   string `json:"text"`
	// Paired pairs the deployments of all labels with those of the baseline by ascending
	// number.
	Paired bool `json:"paired,omitempty"`
}

// ImportReceipt says what was stored.
type ImportReceipt struct {
	Run  string `json:"run"`
	Job  string `json:"job"`
	Rows int    `json:"rows"`
}

// Import reads the text of a request and stores its rows as a new run. The error has every
// fault of the text, and nothing is stored.
func Import(to ScaleTests, request ImportRequest, now time.Time) (ImportReceipt, error) {
	of := outcome.Import{Run: request.Run, Cluster: request.Cluster, Job: request.Job, Paired: request.Paired}
	if of.Run == "" {
		of.Run = "import " + now.UTC().Format(time.RFC3339)
	}
	if of.Job == "" {
		of.Job = ImportedJob
	}
	for _, text := range []string{of.Run, of.Cluster, of.Job} {
		if len(text) > MaxText || strings.ContainsFunc(text, unicode.IsControl) {
			return ImportReceipt{}, badRequest("run, cluster and job are names of at most %d printable characters (shorten %q)",
				MaxText, shorten(text))
		}
	}
	if request.Format != "csv" && request.Format != "json" {
		return ImportReceipt{}, badRequest("there is no format %q (use csv or json)", shorten(request.Format))
	}
	rows, err := outcome.Read([]byte(request.Text), request.Format, request.Paired)
	if err != nil {
		return ImportReceipt{}, err
	}
	return ImportReceipt{of.Run, of.Job, len(rows.List)}, to.ImportScaleTests(rows.Tests(of, now))
}

// Run returns the scale tests of a run, oldest first, from pages that list returns newest
// first. An empty run is that of the newest baseline. The error is an [*Error] if there is
// no such run.
func Run(run string, list func(before string) ([]episode.ScaleTest, error)) ([]episode.ScaleTest, error) {
	var failed error
	tests := outcome.Tests(run, pages(list, &failed))
	switch {
	case failed != nil:
		return nil, failed
	case len(tests) == 0 && run == "":
		return nil, &Error{http.StatusNotFound, noRun + "with a baseline (measure one with sidecar scaletest " +
			"--baseline, or read one with sidecar history import)"}
	case len(tests) == 0:
		return nil, &Error{http.StatusNotFound, noRun + shorten(run) + " (sidecar history export " +
			"--kind=scaletests lists those there are)"}
	}
	return tests, nil
}

// noRun begins what [Run] says of a run that is not there.
const noRun = "there is no run "

// IsNoRun reports whether an error of [Run] or [Client.Table] says that there is no such run. Other
// answers of 404, such as those of an older sidecar, say nothing about runs.
func IsNoRun(err error) bool {
	refused, is := errors.AsType[*Error](err)
	return is && refused.Status == http.StatusNotFound && strings.HasPrefix(refused.Message, noRun)
}

// pages yields the tests of all pages. failed is set if reading ended early.
func pages(list func(before string) ([]episode.ScaleTest, error), failed *error) iter.Seq[episode.ScaleTest] {
	return func(yield func(episode.ScaleTest) bool) {
		for before := ""; ; {
			page, err := list(before)
			if *failed = err; err != nil || len(page) == 0 {
				return
			}
			for _, t := range page {
				if !yield(t) {
					return
				}
			}
			before = page[len(page)-1].ID
		}
	}
}

// pageOfRun is the number of tests that are in memory at a time: a test may have 2 MiB.
const pageOfRun = 30

// lister is the part of [ScaleTests] that reads.
type lister interface {
	ComparedTests(run string, of episode.JobRef, before string, limit int) ([]episode.ScaleTest, error)
}

// StoredRun is [Run] from a history, with only what comparisons read.
func StoredRun(from lister, of episode.JobRef, run string) ([]episode.ScaleTest, error) {
	return Run(run, func(before string) ([]episode.ScaleTest, error) {
		return from.ComparedTests(run, of, before, pageOfRun)
	})
}

// Run is [Run] from the sidecar.
func (c *Client) Run(ctx context.Context, of episode.JobRef, run string) ([]episode.ScaleTest, error) {
	return Run(run, func(before string) ([]episode.ScaleTest, error) {
		list, err := c.ScaleTestsOf(ctx, ScaleTestQuery{Of: of, Run: run, Before: before, Limit: pageOfRun})
		return list.ScaleTests, err
	})
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
	tests, err := StoredRun(h.sources.ScaleTests, of, r.URL.Query().Get("run"))
	if err != nil {
		return nil, err
	}
	return outcome.NewTable(tests), nil
}

func (h *Handler) importRows(w http.ResponseWriter, r *http.Request) (any, error) {
	var request ImportRequest
	if err := readJSON(w, r, &request, MaxEpisode); err != nil {
		return nil, err
	}
	if h.sources.ScaleTests == nil {
		return nil, errNoScaleTests
	}
	return Import(h.sources.ScaleTests, request, time.Now())
}

// Table returns the table "What changed?" of a run; an empty run is that of the newest
// baseline.
func (c *Client) Table(ctx context.Context, of episode.JobRef, run string) (outcome.Table, error) {
	return get[outcome.Table](ctx, c, "history/table", params("cluster", of.Cluster, "job", of.Job, "run", run))
}

// Import has the sidecar store numbers that were measured elsewhere as a new run.
func (c *Client) Import(ctx context.Context, request ImportRequest) (ImportReceipt, error) {
	return post[ImportReceipt](ctx, c, "history/import", request)
}
