package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/report"
)

// scaleWorld is a job on servers of this machine, and a configuration for it.
type scaleWorld struct {
	stack   *pipelinetest.Stack
	flink   *flinktest.Server
	config  string
	history string
}

func newScaleWorld(t *testing.T, b pipelinetest.Behaviour) *scaleWorld {
	t.Helper()
	w := &scaleWorld{stack: pipelinetest.StartLocal(t, b), flink: flinktest.New(t, flinktest.Flink23)}
	dir := t.TempDir()
	w.config, w.history = filepath.Join(dir, "sidecar.yml"), filepath.Join(dir, "history.db")
	text := fmt.Sprintf(`
flink: {url: %q, cluster: lab}
kafka: {brokers: [%q]}
elasticsearch: {urls: [%q]}
sinks:
  - {name: enriched, kafka: {topic: orders-enriched}}
  - {name: alerts, kafka: {topic: orders-alerts}}
  - {name: search, elasticsearch: {index: orders, ingested_field: ingested_at, indexed_field: indexed_at, cleanup: delete}}
probe:
  job: %q
  topic: orders
  poll_interval: 50ms
  template: '{"seed":"{{.Seed}}","at":{{.SentAt}},"n":{{.Int 1000}},"i":{{.Sequence}}}'
scaletest:
  cutoff: 2s
  allow: {topics: [orders, orders-enriched, orders-alerts], indices: [orders]}
history: {path: %q}
`, w.flink.URL, w.stack.Brokers[0], w.stack.ElasticURL, flinktest.JobName, w.history)
	require.NoError(t, os.WriteFile(w.config, []byte(text), 0o600))
	return w
}

// scaletest runs the command.
func (w *scaleWorld) scaletest(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errs output
	code = run(ctx, append([]string{"scaletest", "--config.file=" + w.config, "--log.level=error"}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

func decodeScaleTest(t *testing.T, text string) (r scalerun.Test) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &r), text)
	return r
}

// TestScaleTestFromTheCommandLine runs a baseline and a change, without and with a running
// sidecar, and finds both in one run of the history.
func TestScaleTestFromTheCommandLine(t *testing.T) {
	t.Parallel()
	w := newScaleWorld(t, pipelinetest.Behaviour{})
	spectrum := filepath.Join(t.TempDir(), "latency.hgrm")
	code, stdout, stderr := w.scaletest(t.Context(), "--label=base", "--baseline", "--run=r", "--iterations=2",
		"--records=200", "--format=json", "--hgrm="+spectrum)
	require.Equal(t, exitFine, code, stderr)
	first := decodeScaleTest(t, stdout)
	require.Equal(t, scalerun.OK, first.Verdict)
	require.True(t, first.Baseline)
	require.Equal(t, "r", first.Run)
	require.Len(t, first.Iterations, 2)
	require.EqualValues(t, 200, first.Iterations[1].Sent)
	require.Contains(t, first.Iterations[0].Flags, "short")
	require.Equal(t, "4", first.Environment["kafka_partitions"])
	require.Contains(t, stderr, "keyed state of the job grows by up to 400 keys")
	require.Contains(t, stderr, "iteration 2 of 2: 200 of 200 records sent")
	require.FileExists(t, spectrum+".enriched")
	require.Empty(t, w.stack.Elastic.IDs())

	sidecar := startSidecarOn(t, w.history, "--config.file="+w.config)
	code, stdout, stderr = w.scaletest(t.Context(), "--label=change", "--iterations=1", "--records=100", "--rate=200",
		"--format=json")
	require.Equal(t, exitFine, code, stderr)
	second := decodeScaleTest(t, stdout)
	require.Equal(t, "r", second.Run)
	require.False(t, second.Baseline)
	require.Contains(t, second.Warnings[0], "load as fast as possible → steady at 200 records/s; records 200 → 100")
	require.Contains(t, stderr, "through the running sidecar at "+sidecar.url)

	client, err := api.NewClient(sidecar.url, nil)
	require.NoError(t, err)
	list, err := client.ScaleTests(t.Context(), episode.JobRef{Cluster: "lab"}, "", 0)
	require.NoError(t, err)
	require.Equal(t, []string{second.ID, first.ID}, []string{list.ScaleTests[0].ID, list.ScaleTests[1].ID})
	require.Equal(t, second.Throughput, list.ScaleTests[0].Throughput)

	busy := api.ScaleProgress{Test: first.ID, Label: "other", Job: flinktest.JobName}
	require.NoError(t, client.ReportScaleTest(t.Context(), busy))
	code, _, stderr = w.scaletest(t.Context(), "--label=x", "--records=10")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "another scale test is under way")
}

// TestScaleTestWithProfiles profiles in an iteration of its own, by an episode of the loop,
// and prints its advice.
func TestScaleTestWithProfiles(t *testing.T) {
	t.Parallel()
	w := newScaleWorld(t, pipelinetest.Behaviour{})
	page, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	w.flink.EnableProfiler(page)
	text, err := os.ReadFile(w.config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(w.config, append(text, "profiling: {duration: 1s}\n"...), 0o600))
	sidecar := startSidecarOn(t, w.history, "--config.file="+w.config)
	code, stdout, stderr := w.scaletest(t.Context(), "--label=base", "--iterations=1", "--records=100", "--rate=200",
		"--modes=ITIMER,ALLOC", "--advise", "--format=json")
	require.Equal(t, exitFine, code, stderr)
	var r report.Test
	require.NoError(t, json.Unmarshal([]byte(stdout), &r))
	require.Len(t, r.Iterations, 2)
	require.NotContains(t, r.Iterations[0].Flags, "profiled")
	require.Contains(t, r.Iterations[1].Flags, "profiled")
	require.Zero(t, r.Iterations[1].NotSent, "the iteration ends with the profiles")
	require.Subset(t, r.Profiled.Modes, []string{"ITIMER", "ALLOC"})
	require.Equal(t, 2, r.Profiled.Iteration)
	require.False(t, r.Profiled.Measured)
	require.NotNil(t, r.Advice)

	client, err := api.NewClient(sidecar.url, nil)
	require.NoError(t, err)
	ep, found, err := client.Episode(t.Context(), r.Profiled.Episode)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, episode.RuleScaleTest, ep.Alert.Rule)
	require.Equal(t, r.ID, ep.Alert.ScaleTest.Test)
	require.NotNil(t, ep.Measurement)
	list, err := client.ScaleTests(t.Context(), episode.JobRef{}, "", 1)
	require.NoError(t, err)
	require.Equal(t, r.Profiled, list.ScaleTests[0].Profiled)
}

// TestScaleTestOfTwoProcessesWithProfiles: one takes the profiles, and the other sends until they
// are there.
func TestScaleTestOfTwoProcessesWithProfiles(t *testing.T) {
	t.Parallel()
	w := newScaleWorld(t, pipelinetest.Behaviour{})
	page, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	w.flink.EnableProfiler(page)
	text, err := os.ReadFile(w.config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(w.config, append(text, "profiling: {duration: 1s}\n"...), 0o600))
	sidecar := startSidecarOn(t, w.history, "--config.file="+w.config)
	var work sync.WaitGroup
	outs, errs := make([]output, 2), make([]output, 2)
	for shard := range 2 {
		work.Go(func() {
			cmd := exec.CommandContext(t.Context(), "sidecar", "scaletest", "--config.file="+w.config, "--label=base", "--shards=2",
				fmt.Sprintf("--shard=%d", shard), "--iterations=1", "--records=100",
				"--rate=200", "--modes=ITIMER", "--format=json")
			cmd.Stdout, cmd.Stderr = &outs[shard], &errs[shard]
			_ = cmd.Run() // its output says what is wrong
		})
	}
	work.Wait()
	r := decodeScaleTest(t, outs[0].String())
	require.Equal(t, r, decodeScaleTest(t, outs[1].String()), errs[1].String())
	require.Equal(t, scalerun.OK, r.Verdict, r.Reason)
	require.Len(t, r.Iterations, 2)
	require.EqualValues(t, 100, r.Iterations[0].Sent)
	require.Contains(t, r.Iterations[1].Flags, "profiled")
	require.Zero(t, r.Iterations[1].NotSent, "the iteration ends with the profiles for both")
	require.Equal(t, 2, r.Profiled.Iteration)
	require.Contains(t, r.Profiled.Modes, "ITIMER")

	client, err := api.NewClient(sidecar.url, nil)
	require.NoError(t, err)
	ep, found, err := client.Episode(t.Context(), r.Profiled.Episode)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, r.ID, ep.Alert.ScaleTest.Test, "the episode is of the test of both")
}

func TestScaleTestThatIsVoidExitsWithOne(t *testing.T) {
	t.Parallel()
	w := newScaleWorld(t, pipelinetest.Behaviour{Fate: func(i int) pipelinetest.Fate {
		return pipelinetest.Fate{Lost: i%10 == 0}
	}})
	code, stdout, stderr := w.scaletest(t.Context(), "--label=base", "--iterations=1", "--records=100")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stdout, "void: 10 records did not reach every sink")
	require.Contains(t, stderr, "sidecar: scaletest: void: 10 records did not reach every sink")
}

// TestScaleTestThatIsInterrupted ends the command while it sends: it cleans up and stores
// what it has.
func TestScaleTestThatIsInterrupted(t *testing.T) {
	t.Parallel()
	w := newScaleWorld(t, pipelinetest.Behaviour{})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		for len(w.stack.Elastic.IDs()) < 10 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		stop()
	}()
	code, stdout, stderr := w.scaletest(ctx, "--label=base", "--iterations=5", "--records=1000", "--rate=100",
		"--format=json")
	require.Equal(t, exitFailed, code, stderr)
	r := decodeScaleTest(t, stdout)
	require.Equal(t, scalerun.Aborted, r.Verdict)
	require.Len(t, r.Iterations, 1)
	require.Positive(t, r.Iterations[0].NotSent)
	require.Zero(t, r.Iterations[0].Lost)
	require.Empty(t, w.stack.Elastic.IDs())
	require.Contains(t, stderr, "aborted")
}

func TestScaleTestWithoutItsSections(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "sidecar.yml")
	require.NoError(t, os.WriteFile(config, []byte("flink: {url: 'http://127.0.0.1:1'}\n"), 0o600))
	var out, errs output
	require.Equal(t, exitFailed, run(t.Context(), []string{"scaletest", "--config.file=" + config, "--label=x"}, &out, &errs))
	require.Contains(t, errs.String(), "has no section probe")
	for args, want := range map[string]string{
		"--label=x --records=0":            "use a number from 1, or auto",
		"--label=x --records=9 --shard=1":  "--shard=1 is not one of 1 shards",
		"--label=x --shards=2 --records=1": "leaves some of 2 shards without a record",
		"--label=x --records=10000000":     "more than --max-records=1000000",
		"--label=x --deployments=-1":       "use a number from 0 to 100, or auto",
		"--label=x --repeat=2":             "add --find-sustainable",
		"--records=1":                      "--label",
	} {
		var out, errs output
		code := run(t.Context(), append([]string{"scaletest", "--config.file=" + config}, strings.Fields(args)...), &out, &errs)
		require.Equal(t, exitUsage, code, args)
		require.Contains(t, errs.String(), want)
	}
}
