package testrun_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/testrun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

// bench is the API of a sidecar on a real history, and a job to test.
type bench struct {
	client      *api.Client
	store       *history.Store
	options     testrun.Options
	job         atomic.Pointer[string] // the id of the job that runs
	parallelism atomic.Int64
	hardware    atomic.Pointer[string] // of the TaskManagers; nil is unknown
	reports     atomic.Int64
	restarting  atomic.Int64 // so many more tests are not taken
}

// restarts answers as a sidecar does that is being restarted.
func (b *bench) restarts(then http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && strings.HasSuffix(r.URL.Path, "/scaletests") && b.restarting.Add(-1) >= 0 {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		then.ServeHTTP(w, r)
	}
}

// Report implements routes.LiveScaleTest.
func (b *bench) Report(api.ScaleProgress) error { b.reports.Add(1); return nil }

func (b *bench) status() api.Status {
	up, slots := true, 4
	cpu, completed, restarts := 10.0, 3, 0.0
	var hardware []string
	if known := b.hardware.Load(); known != nil {
		hardware = []string{*known}
	}
	return api.Status{
		Clusters: []api.Cluster{{
			Name: "test", Hardware: hardware, Up: &up, FlinkVersion: "2.3.0", TaskManagers: &slots, Slots: &slots, Polled: time.Now(),
		}},
		Jobs: []api.Job{{
			Cluster: "test", Name: "orders enrichment", ID: *b.job.Load(), State: "RUNNING", EpochKey: "e1", CPUSeconds: &cpu,
			Checkpoints: &api.Checkpoints{Completed: completed}, Restarts: &restarts,
			Vertices: []api.Vertex{{Parallelism: int(b.parallelism.Load())}},
		}},
	}
}

func newBench(t *testing.T) *bench {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	historyConfig := history.DefaultConfig()
	historyConfig.Path = filepath.Join(t.TempDir(), "h.db")
	store, err := history.Open(t.Context(), historyConfig, log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	b := &bench{store: store}
	b.job.Store(new("job0"))
	b.parallelism.Store(2)
	server := httptest.NewServer(b.restarts(routes.NewHandler(routes.Sources{
		Status: b.status, Episodes: store, Measurements: store, Records: store.Probes(), ScaleTests: store,
		LiveScaleTest: b,
	}, log)))
	t.Cleanup(server.Close)
	b.client, err = api.NewClient(server.URL, server.Client())
	require.NoError(t, err)
	stack := pipelinetest.StartLocal(t, pipelinetest.Behaviour{})
	o := stack.Options(scaletest.Plan{Records: 50})
	cfg := config.Config{
		Probe: o.Probe, ScaleTest: o.Config, Kafka: o.Kafka, Elasticsearch: o.Elasticsearch, Sinks: o.Sinks,
	}
	cfg.Flink.Only("http://127.0.0.1:1")
	cfg.Probe.Cluster = "test"
	b.options = testrun.Options{Config: cfg, Plan: o.Plan, Client: b.client, Log: log}
	return b
}

func (b *bench) stored(t *testing.T) []scalerun.Test {
	t.Helper()
	tests, err := b.store.ScaleTests(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	return tests
}

func TestTestIsStoredWithItsDeployment(t *testing.T) {
	b := newBench(t)
	b.options.Plan.Baseline = true
	first, err := testrun.Run(t.Context(), b.options)
	require.NoError(t, err)
	require.Equal(t, "job0", first.Deployment)
	require.Equal(t, "2.3.0", first.Environment["flink_version"])
	require.Equal(t, "2", first.Environment["parallelism"])
	require.Zero(t, *first.Iterations[0].Checkpoints)
	require.Equal(t, first, b.stored(t)[0])
	require.GreaterOrEqual(t, b.reports.Load(), int64(2))

	b.parallelism.Store(4)
	b.options.Plan.Label, b.options.Plan.Baseline = "change", false
	second, err := testrun.Run(t.Context(), b.options)
	require.NoError(t, err)
	require.Equal(t, first.Run, second.Run)
	require.Contains(t, second.Warnings[0], "parallelism 2 → 4")

	b.options.Plan.Strict = true
	_, err = testrun.Run(t.Context(), b.options)
	require.ErrorContains(t, err, "parallelism 2 → 4 (make them equal, or test without --strict)")
	require.Len(t, b.stored(t), 2)
}

// TestARestartOfTheSidecarDoesNotEndATest: the result is stored when it answers again.
func TestARestartOfTheSidecarDoesNotEndATest(t *testing.T) {
	b := newBench(t)
	b.options.Plan.Baseline = true
	b.restarting.Store(1)
	first, err := testrun.Run(t.Context(), b.options)
	require.NoError(t, err)
	require.Equal(t, scalerun.OK, first.Verdict, first.Reason)
	require.Equal(t, first, b.stored(t)[0])
	require.Negative(t, b.restarting.Load())
}

// TestAlternation deploys baseline and candidate in turn, each with a new id of the job.
func TestAlternation(t *testing.T) {
	b := newBench(t)
	b.options.Config.ScaleTest.Deploy = scaletest.Deploy{Baseline: "put v1", Candidate: "put v2"}
	b.options.Plan.Label, b.options.Plan.Baseline = "v2", true
	spectra := filepath.Join(t.TempDir(), "l.hgrm")
	b.options.Spectrum = spectra
	var commands []string
	alternation := testrun.Alternation{
		Options: b.options, Deployments: 1, Say: func(string) {},
		Deploy: func(_ context.Context, command string) error {
			commands = append(commands, command)
			b.job.Store(new("job after " + command))
			return nil
		},
	}
	tests, err := alternation.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"put v1", "put v2"}, commands)
	require.Len(t, tests, 2)
	require.Equal(t, "baseline", tests[0].Label)
	require.True(t, tests[0].Baseline)
	require.Equal(t, "v2", tests[1].Label)
	require.Equal(t, tests[0].Run, tests[1].Run)
	require.Equal(t, "job after put v2", tests[1].Deployment)

	require.FileExists(t, spectra+".baseline-1.enriched")
	require.FileExists(t, spectra+".candidate-1.enriched")

	same := alternation
	same.Plan.Label = "baseline"
	_, err = same.Run(t.Context())
	require.ErrorContains(t, err, "--label=baseline is the label of the baseline, so both sides would have it")
	require.Len(t, commands, 2, "nothing is deployed")

	alternation.Deploy = func(context.Context, string) error { return errors.New("exit status 3") }
	_, err = alternation.Run(t.Context())
	require.EqualError(t, err, "scaletest.deploy.baseline: exit status 3 (correct the command)")
}

// TestAnotherLoadIsNotCompared: a rate in a run at full speed warns, and a strict test refuses it.
// The baseline under that rate is a baseline of its own.
func TestAnotherLoadIsNotCompared(t *testing.T) {
	b := newBench(t)
	test := func(label string, rate float64, strict bool) (scalerun.Test, error) {
		b.options.Plan.Label, b.options.Plan.Rate, b.options.Plan.Strict = label, rate, strict
		return testrun.Run(t.Context(), b.options)
	}
	base, err := test("base", 0, false)
	require.NoError(t, err)
	for _, fact := range []string{"topic", "template", "load", "records", "sink_search"} {
		require.NotEmpty(t, base.Environment[fact], fact)
	}
	change, err := test("change", 200, false)
	require.NoError(t, err)
	require.Contains(t, change.Warnings[0], "load as fast as possible → steady at 200 records/s")
	_, err = test("change", 200, true)
	require.ErrorContains(t, err, "load as fast as possible → steady at 200 records/s (make them equal")

	_, err = test("base", 200, true)
	require.NoError(t, err)
	_, err = test("change", 200, true)
	require.NoError(t, err, "it is compared with the baseline of its rate")

	b.options.Config.ScaleTest.Template = `{"seed":"{{.Seed}}","order_id":"","customer_id":"","other":1}`
	_, err = test("change", 200, true)
	require.ErrorContains(t, err, "template ")
	b.options.Config.ScaleTest.Template = ""
	b.options.Config.Sinks = b.options.Config.Sinks[1:]
	_, err = test("change", 200, true)
	require.ErrorContains(t, err, "sink_enriched topic orders-enriched → none")
}

// TestOtherMachinesAreADifference: a test on other machines warns, and is refused if strict. A
// baseline of a sidecar that did not know them is like any other.
func TestOtherMachinesAreADifference(t *testing.T) {
	b := newBench(t)
	test := func(label, hardware string, strict bool) (scalerun.Test, error) {
		if b.hardware.Store(nil); hardware != "" {
			b.hardware.Store(&hardware)
		}
		b.options.Plan.Label, b.options.Plan.Strict = label, strict
		return testrun.Run(t.Context(), b.options)
	}
	_, err := test("base", "", false)
	require.NoError(t, err)
	change, err := test("change", "2 cores", true)
	require.NoError(t, err, "unknown is not different")
	require.Equal(t, "2 cores", change.Environment["taskmanager_hardware"])

	b.options.Plan.Run, b.options.Plan.Baseline = "known", true
	_, err = test("base", "2 cores", false)
	require.NoError(t, err)
	b.options.Plan.Baseline = false
	change, err = test("change", "8 cores", false)
	require.NoError(t, err)
	require.Contains(t, change.Warnings[0], "taskmanager_hardware 2 → 8 cores")
	_, err = test("change", "8 cores", true)
	require.ErrorContains(t, err, "taskmanager_hardware 2 → 8 cores (make them equal, or test without --strict)")
	_, err = test("change", "", true)
	require.NoError(t, err, "unknown is not different")
}
