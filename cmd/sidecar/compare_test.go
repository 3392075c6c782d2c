package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// threeLabels have three deployments each: slow loses a fifth, faster gains as much.
const threeLabels = `label,deployment,iteration,throughput
main,1,1,99
main,2,1,100
main,3,1,101
slow,1,1,79
slow,2,1,80
slow,3,1,81
faster,1,1,119
faster,2,1,120
faster,3,1,121
`

// TestCompareExitsWithThree: the result is on standard output in any case; only a large
// regression is 3, and what cannot be compared is 1.
func TestCompareExitsWithThree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, where := filepath.Join(dir, "results.csv"), "--history.path="+filepath.Join(dir, "h.db")
	require.NoError(t, os.WriteFile(file, []byte(threeLabels), 0o600))
	ask := func(args string) (code int, stdout, stderr string) {
		var out, problems output
		code = run(t.Context(), append(strings.Fields(args), where), &out, &problems)
		return code, out.String(), problems.String()
	}
	code, _, stderr := ask("history import --format=csv --run=branches " + file)
	require.Equal(t, exitFine, code, stderr)
	for args, want := range map[string]struct {
		code           int
		stdout, stderr string
	}{
		"main faster":                 {exitFine, "+20.00 %", ""},
		"main slow":                   {3, "large regression: the throughput is 20.00 % lower", "sidecar: this is a large regression ("},
		"main slow --format=markdown": {3, "| records/s | 100 | 80 | -20.00 % |", "large regression"},
		"main slow --format=json":     {3, `"large_regression": true`, "large regression"},
		"slow main --run=branches":    {exitFine, "+25.", ""},
		"mian slow":                   {exitFailed, "", `no label "mian" (it has "main", "slow", "faster"; --run names another run)`},
		"main slow --run=none":        {exitFailed, "", "there is no run none"},
		"main main":                   {exitFailed, "", "compared with itself"},
		"main":                        {exitUsage, "", "required argument 'new'"},
		"main slow --format=csv":      {3, ",throughput,99.9966665555,79.9958331163,-20.00,", "large regression"},
		"main slow --format=yaml":     {exitUsage, "", "yaml"},
	} {
		code, stdout, stderr := ask("history compare " + args)
		require.Equal(t, want.code, code, "%s: %s", args, stderr)
		require.Contains(t, stdout, want.stdout, args)
		require.Contains(t, stderr, want.stderr, args)
		require.Equal(t, want.stderr == "", stderr == "", args)
	}
}

// TestCompareFrames: the newest good profiles of both labels' epochs are compared, and a page
// that is gone leaves the rest of the comparison.
func TestCompareFrames(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "h.db")
	w := &scaleWorld{history: path}
	pages := &pagestore.Store{Dir: pagestore.DirBeside(path)}
	w.changeHistory(t, func(store *history.Store) {
		for i, label := range []string{"base", "next"} {
			at := time.Now().Add(time.Duration(i-3) * time.Minute)
			id := ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()
			stacks := fmt.Sprintf("java/lang/Thread.run;work %d\njava/lang/Thread.run;%s 400\n", 1000+1000*i, label)
			require.NoError(t, pages.Put([]byte(stacks)))
			hash := pagestore.HashOf([]byte(stacks))
			require.NoError(t, store.PutEpisode(episode.Episode{
				ID: id, State: episode.Done, Opened: at, EpochKey: label, Target: &episode.Target{Vertex: "v"},
				Alert:    episode.Alert{Rule: "asked", Source: episode.FromCLI, Cluster: "lab", Job: "orders"},
				Profiles: []episode.Profile{{ID: id, Mode: "ITIMER", Grade: "good", Hash: hash}},
			}))
			require.NoError(t, store.PutScaleTest(scalerun.Test{
				ID: id, Run: "r", Label: label, Baseline: i == 0, OpensRun: i == 0, Cluster: "lab", Job: "orders", EpochKey: label,
				Deployment: label, Shape: "steady", Verdict: scalerun.OK,
				Iterations: []scalerun.Iteration{{Iteration: 1, Throughput: new(100.0)}},
			}))
		}
	})
	for format, want := range map[string]string{"text": "frame", "markdown": "| `next` | 0.00 % | 16.67 % |", "json": `"frames": {`} {
		var out, errs output
		require.Equal(t, exitFine, run(t.Context(), []string{
			"history", "compare", "base", "next", "--history.path=" + path, "--format=" + format,
		}, &out, &errs), errs.String())
		require.Contains(t, out.String(), want)
	}
	require.NoError(t, os.RemoveAll(pages.Dir))
	var out, errs output
	require.Equal(t, exitFine, run(t.Context(), []string{
		"history", "compare", "base", "next", "--history.path=" + path, "--format=json",
	}, &out, &errs), errs.String())
	require.Contains(t, out.String(), `"frames": null`)
}
