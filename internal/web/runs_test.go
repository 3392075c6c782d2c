package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	whatchanged "github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
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
		_, err := routes.Import(past, api.ImportRequest{Run: run, Job: "orders", Format: "csv", Text: rows},
			start.Add(time.Duration(n)*time.Minute))
		require.NoError(t, err)
	}
	raw, shown := runsPage(t, handler, "/runs?run=first")
	for _, want := range []string{
		"Run first of job orders", "<b>bigger</b>", "+50.00 %", "+46.97 % to +53.10 %", "better", "too few samples",
		"Further runs", "welch", "did not alternate",
	} {
		require.Contains(t, shown, want)
	}
	require.Contains(t, raw, `href="runs?run=a%26b&amp;job=orders&amp;cluster="`)
	_, shown = runsPage(t, handler, "/runs")
	require.Contains(t, shown, "Run a&b of job orders")

	_, shown = runsPage(t, handlerOf(fullStatus, brokenHistory{}), "/runs")
	require.Contains(t, shown, "Scale tests cannot be read")
}

// TestFurtherRunsBehindALargeOne: a run with many tests does not hide the others.
func TestFurtherRunsBehindALargeOne(t *testing.T) {
	past := newHistory(t)
	began := start
	put := func(run string, n int) {
		for i := range n {
			began = began.Add(time.Minute)
			require.NoError(t, past.PutScaleTest(scalerun.Test{
				ID: ulid.MustNew(ulid.Timestamp(began), ulid.DefaultEntropy()).String(), Run: run, Job: "orders", Label: "x",
				OpensRun: i == 0, Began: began, Verdict: scalerun.OK,
			}))
		}
	}
	put("small", 1)
	put("ladder", 70)
	_, shown := runsPage(t, handlerOf(fullStatus, past), "/runs")
	require.Contains(t, shown, "Run ladder of job orders")
	require.Contains(t, shown, "Further runs small of job orders")
	for i := range runsLinked + 5 {
		put(fmt.Sprintf("run %d", i), 1)
	}
	links, err := handlerOf(fullStatus, past).otherRuns(runLink{Run: "ladder", Job: "orders"})
	require.NoError(t, err)
	require.Len(t, links, runsLinked)
}

// TestFiguresOfTheTable: latency, CPU and the share between deployments have columns where a row
// has them.
func TestFiguresOfTheTable(t *testing.T) {
	past := newHistory(t)
	for i, v := range []float64{100, 110, 120} {
		began := start.Add(time.Duration(i) * time.Minute)
		test := scalerun.Test{
			ID: ulid.MustNew(ulid.Timestamp(began), ulid.DefaultEntropy()).String(), Run: "r", Job: "orders", Label: "base",
			Baseline: true, OpensRun: i == 0, Began: began, Verdict: scalerun.OK, Deployment: fmt.Sprint(i),
		}
		for n := range 2 {
			test.Iterations = append(test.Iterations, scalerun.Iteration{
				Iteration: n + 1, Throughput: new(v + float64(n)), CPUPerMillion: new(12.5),
				Sinks: map[string]scalerun.Sink{"es": {Latency: scalerun.Latency{P50: new(0.25), P99: new(1.5)}}},
			})
		}
		require.NoError(t, past.PutScaleTest(test))
	}
	_, shown := runsPage(t, handlerOf(fullStatus, past), "/runs")
	for _, want := range []string{"p50p99CPU s/million", "250 ms1.5 s12.5", "Between", "99 %"} {
		require.Contains(t, shown, want)
	}
}

// TestPageOfProduction: an epoch leads to the table since then.
func TestPageOfProduction(t *testing.T) {
	handler := handlerOf(fullStatus, newHistory(t))
	handler.Epochs = func(of episode.JobRef, limit int) ([]episode.Epoch, error) {
		require.Equal(t, epochsLinked, limit)
		return []episode.Epoch{{Key: "k", Job: "<b>", Cluster: of.Cluster, Began: start}}, nil
	}
	handler.Production = func(of episode.JobRef, since string) (whatchanged.Table, error) {
		if since == "none" {
			return whatchanged.Table{}, &api.Error{Status: http.StatusNotFound, Message: "there is no epoch"}
		}
		return whatchanged.Table{Job: of.Job, Rows: []whatchanged.Row{{Change: since, Baseline: true, Throughput: new(100.0)}}}, nil
	}
	raw, shown := runsPage(t, handler, "/runs")
	require.Contains(t, shown, "No table")
	require.Contains(t, shown, "of job <b>: this job is seen for the first time")
	link := `runs?since=` + strings.ToLower(url.QueryEscape(start.UTC().Format(time.RFC3339Nano))) + `&amp;job=%3cb%3e`
	require.Contains(t, strings.ToLower(raw), link)
	_, shown = runsPage(t, handler, "/runs?since=k&job=orders")
	require.Contains(t, shown, "Epochs of production of job orders")
	require.Contains(t, shown, "a deployment is a block of production")
	require.NotContains(t, shown, "p99")
	_, shown = runsPage(t, handler, "/runs?since=none")
	require.Contains(t, shown, "No table: there is no epoch")
}

// readRuns notes which tests are read.
type readRuns struct {
	*history.Store
	compared []string
	whole    []string
}

func (r *readRuns) ComparedTests(run string, of episode.JobRef, before string, limit int) ([]scalerun.Test, error) {
	r.compared = append(r.compared, run)
	return r.Store.ComparedTests(run, of, before, limit)
}

func (r *readRuns) ScaleTest(id string) (scalerun.Test, bool, error) {
	r.whole = append(r.whole, id)
	return r.Store.ScaleTest(id)
}

// TestPageReadsOnlyTheRunThatItShows: the list of runs has the others, and the newest search of any run.
func TestPageReadsOnlyTheRunThatItShows(t *testing.T) {
	past := &readRuns{Store: newHistory(t)}
	put := func(minute int, run string, opens bool, search *scalerun.Sustainable) string {
		began := start.Add(time.Duration(minute) * time.Minute)
		id := ulid.MustNew(ulid.Timestamp(began), ulid.DefaultEntropy()).String()
		require.NoError(t, past.PutScaleTest(scalerun.Test{
			ID: id, Run: run, Job: "orders", Label: "x", OpensRun: opens, Began: began, Verdict: scalerun.OK, Sustainable: search,
		}))
		return id
	}
	search := put(1, "calm", false, &scalerun.Sustainable{Verdict: scalerun.Sustained})
	put(2, "ladder", true, nil)
	for n := range 100 {
		put(3+n, scalerun.OfEvaluations, n == 0, nil)
	}
	_, shown := runsPage(t, handlerOf(fullStatus, past), "/runs")
	require.Contains(t, shown, "Run ladder of job orders")
	require.Contains(t, shown, "of run calm")
	require.Equal(t, []string{"ladder"}, past.compared)
	require.Equal(t, []string{search}, past.whole)
}
