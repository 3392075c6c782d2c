package main

import (
	"encoding/json"
	"log/slog"
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

// steppedHistory is the path of a history with 40 blocks of half an hour of one job; the CPU time
// of the last 20 is 30 % more.
func steppedHistory(t *testing.T) string {
	t.Helper()
	cfg := history.DefaultConfig()
	cfg.Path = filepath.Join(t.TempDir(), "h.db")
	store, err := history.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	const block = 30 * time.Minute
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
	path := steppedHistory(t)
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
