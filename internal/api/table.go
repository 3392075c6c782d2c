package api

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// ProductionTable is the table "What changed?" of epochs of production, from the one that since names:
// a beginning of its key, or a time. block is the length of a block, for example "30m"; empty is the
// default. The error is an [*Error] if there is no such epoch.
func (c *Client) ProductionTable(
	ctx context.Context, of episode.JobRef, since, block string,
) (outcome.Table, error) {
	return get[outcome.Table](ctx, c, "history/table",
		params("cluster", of.Cluster, "job", of.Job, "since", since, "block", block))
}

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

// Run returns the scale tests of a run, oldest first, from pages that list returns newest
// first. An empty run is that of the newest baseline. The error is an [*Error] if there is
// no such run.
func Run(run string, list func(before string) ([]scalerun.Test, error)) ([]scalerun.Test, error) {
	var failed error
	tests := outcome.Tests(run, pages(list, &failed))
	switch {
	case failed != nil:
		return nil, failed
	case len(tests) == 0 && run == "":
		return nil, &Error{http.StatusNotFound, noRun + "with a baseline (measure one with sidecar scaletest " +
			"--baseline, or read one with sidecar history import)"}
	case len(tests) == 0:
		return nil, &Error{http.StatusNotFound, noRun + plaintext.Line(run, 100) + " (sidecar history export " +
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
func pages(list func(before string) ([]scalerun.Test, error), failed *error) iter.Seq[scalerun.Test] {
	return func(yield func(scalerun.Test) bool) {
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

// StoredRuns is a history that lists runs and the scale tests of a run.
type StoredRuns interface {
	// ScaleRuns are the newest runs, whose newest test is older than the one with the id before unless
	// that is empty.
	ScaleRuns(of episode.JobRef, before string, limit int) ([]scalerun.Run, error)
	// ComparedTests are the tests of the runs of one name, with only what comparisons read; an empty
	// name is every run.
	ComparedTests(run string, of episode.JobRef, before string, limit int) ([]scalerun.Test, error)
}

// StoredRun is [Run] from a history, with only what comparisons read. It reads no test of another run.
func StoredRun(from StoredRuns, of episode.JobRef, run string) ([]scalerun.Test, error) {
	if run == "" {
		newest, err := leadingRun(from, of)
		switch {
		case err != nil:
			return nil, err
		case newest.Leading == "":
			return Run("", func(string) ([]scalerun.Test, error) { return nil, nil })
		}
		run, of = newest.Run, newest.JobRef()
	}
	return Run(run, func(before string) ([]scalerun.Test, error) {
		return from.ComparedTests(run, of, before, pageOfRun)
	})
}

// runsAtOnce is how many runs are read at a time.
const runsAtOnce = 20

// leadingRun is the run of the newest baseline; the zero value if there is none. A run that is further
// back in the list has no newer one.
func leadingRun(from StoredRuns, of episode.JobRef) (newest scalerun.Run, err error) {
	for before := ""; ; {
		page, err := from.ScaleRuns(of, before, runsAtOnce)
		if err != nil {
			return newest, err
		}
		for _, run := range page {
			if run.Leading > newest.Leading {
				newest = run
			}
		}
		if len(page) < runsAtOnce || newest.Leading >= page[len(page)-1].Newest {
			return newest, nil
		}
		before = page[len(page)-1].Newest
	}
}

// Run is [Run] from the sidecar.
func (c *Client) Run(ctx context.Context, of episode.JobRef, run string) ([]scalerun.Test, error) {
	return Run(run, func(before string) ([]scalerun.Test, error) {
		list, err := c.ScaleTestsOf(ctx, ScaleTestQuery{Of: of, Run: run, Before: before, Limit: pageOfRun})
		return list.ScaleTests, err
	})
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
