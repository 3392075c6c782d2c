package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
)

// steppedHistory is the path of a history with 40 blocks of one job; the CPU time of the last 20 is
// 30 % more.
func steppedHistory(t *testing.T, block time.Duration) string {
	t.Helper()
	cfg := history.DefaultConfig()
	cfg.Path = filepath.Join(t.TempDir(), "h.db")
	store, err := history.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	began := time.Now().UTC().Truncate(time.Hour).Add(-41 * block)
	_, err = store.PutEpoch(episode.Epoch{Key: "only", Cluster: "prod", Job: "orders", Began: began})
	require.NoError(t, err)
	var ms []episode.Measurement
	for i := range 40 {
		at, cpu := began.Add(time.Duration(i)*block), 20+0.1*float64(i%3)
		if i >= 20 {
			cpu *= 1.3
		}
		ms = append(ms, episode.Measurement{
			ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), Kind: episode.KindWindow, Cluster: "prod",
			Job: "orders", EpochKey: "only", Began: at, Ended: at.Add(block), Throughput: new(100.0), Capacity: new(1000 + float64(i%5)),
			CPUPerMillion: &cpu,
		})
	}
	require.NoError(t, store.PutMeasurement(ms...))
	require.NoError(t, store.Close())
	return cfg.Path
}

// TestChangesAndTriageThroughTheRunningSidecarAndWithout lists a change point and triages it, with
// the file alone and while a sidecar has it open.
func TestChangesAndTriageThroughTheRunningSidecarAndWithout(t *testing.T) {
	t.Parallel()
	path := steppedHistory(t, 30*time.Minute)
	ask := func(args ...string) (code int, stdout, stderr string) {
		var out, problems output
		args = append([]string{"history"}, append(args, "--history.path="+path)...)
		code = run(t.Context(), args, &out, &problems)
		return code, out.String(), problems.String()
	}
	list := func() changepoint.Report {
		t.Helper()
		code, stdout, stderr := ask("changes", "--format=json")
		require.Equal(t, exitFine, code, stderr)
		var report changepoint.Report
		require.NoError(t, json.Unmarshal([]byte(stdout), &report))
		require.Len(t, report.Points, 1)
		return report
	}
	id := list().Points[0].ID
	code, stdout, stderr := ask("triage", id, "positive", "--note=new brokers")
	require.Equal(t, exitFine, code, stderr)
	require.Contains(t, stdout, "change point "+id+" is positive since 20")
	require.Equal(t, "new brokers", list().Points[0].Note)
	for format, says := range map[string]string{"text": "epoch none", "csv": id + ",", "markdown": "| " + id + " |"} {
		code, stdout, stderr = ask("changes", "--format="+format)
		require.Equal(t, exitFine, code, stderr)
		require.Contains(t, stdout, says)
	}
	code, _, stderr = ask("triage", strings.Repeat("0", 26), "positive")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "there is no change point")
	code, _, _ = ask("triage", id, "perhaps")
	require.Equal(t, exitUsage, code)

	startSidecarOn(t, path, "--flink.url=http://127.0.0.1:1")
	code, _, stderr = ask("triage", id, "negative")
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, episode.Negative, list().Points[0].Triage)
	require.Equal(t, 1, list().Tally.Negative)
}

// TestBlocksOfTheConfiguration: the command that the page prints finds a change point in blocks of
// the configured length, with the file alone and through the running sidecar.
func TestBlocksOfTheConfiguration(t *testing.T) {
	t.Parallel()
	path := steppedHistory(t, 30*time.Second)
	config := filepath.Join(t.TempDir(), "sidecar.yml")
	text := fmt.Sprintf("flink: {url: 'http://127.0.0.1:1'}\nhistory: {path: %q}\nevaluate: {block: 30s}\n", path)
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	ask := func(args ...string) string {
		t.Helper()
		var out, problems output
		require.Equal(t, exitFine, run(t.Context(), append([]string{"history"}, args...), &out, &problems), problems.String())
		return out.String()
	}
	points := func(args ...string) []changepoint.Point {
		t.Helper()
		var report changepoint.Report
		require.NoError(t, json.Unmarshal([]byte(ask(append([]string{"changes", "--format=json"}, args...)...)), &report))
		return report.Points
	}
	here := "--config.file=" + config
	require.Empty(t, points("--history.path="+path), "without the configuration the blocks are longer")
	found := points(here)
	require.Len(t, found, 1)
	require.Contains(t, ask("triage", found[0].ID, "positive", here), "is positive since")
	require.Contains(t, ask("table", "--since=only", here), "40")

	startSidecarOn(t, path, here)
	require.Len(t, points("--history.path="+path), 1, "the running sidecar knows its length")
	require.Contains(t, ask("triage", found[0].ID, "negative", "--history.path="+path), "is negative since")
	require.Contains(t, ask("table", "--since=only", "--history.path="+path), "40")
}
