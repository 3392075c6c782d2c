package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded/recordedtest"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/backtests"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// TestBacktestAsksPrometheus has checkpoints that grow by 1 GiB an hour: the rule says so before
// they pass its limit.
func TestBacktestAsksPrometheus(t *testing.T) {
	t.Parallel()
	began := float64(time.Now().Add(-12 * time.Hour).Unix())
	p := recordedtest.New(t,
		map[string]string{"__name__": "flink_job_last_checkpoint_state_size_bytes", "cluster": "c", "job": "orders"},
		func(unix float64) float64 { return (unix - began) / 3600 * (1 << 30) })
	file := filepath.Join(t.TempDir(), "mine.yml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "alerts: {prometheus: {url: %s}}\n", p.URL), 0o600))
	for _, args := range [][]string{
		{"--prometheus.url=" + p.URL, "--since=12h", "--step=30s"},
		{"--config.file=" + file, "--since=12h"},
	} {
		out, stderr := &output{}, &output{}
		code := run(t.Context(), append([]string{"rules", "backtest", "--format=json"}, args...), out, stderr)
		require.Equal(t, exitFine, code, stderr)
		var card api.Scorecard
		require.NoError(t, json.Unmarshal([]byte(out.String()), &card))
		for _, s := range card.Rules {
			if s.Rule == "checkpoint-size" {
				require.Equal(t, 1, s.Fired)
				require.Equal(t, 1, s.True)
				require.InDelta(t, 45*60, s.Leads[0], 10*60, "an hour of horizon less 15 min of waiting")
				continue
			}
			require.Zero(t, s.Fired, s.Rule)
		}
	}
}

func TestBacktestOfAPrometheusThatIsNot(t *testing.T) {
	t.Parallel()
	p := recordedtest.New(t, map[string]string{"__name__": "up"}, func(float64) float64 { return 1 })
	for url, fault := range map[string]string{
		p.URL:                "no sample is of a metric that a signal uses",
		p.URL + "/elsewhere": "asking Prometheus at " + p.URL + "/elsewhere: ",
	} {
		stderr := &output{}
		code := run(t.Context(), []string{"rules", "backtest", "--prometheus.url=" + url, "--since=1h"}, &output{}, stderr)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr.String(), fault)
	}
}

// TestBacktestOfTooFewSamples has an hour, and the rules look back two.
func TestBacktestOfTooFewSamples(t *testing.T) {
	t.Parallel()
	began := time.Now().Add(-3 * time.Hour).Unix()
	for minutes, said := range map[int]string{60: "the samples are of 1h, and ", 150: ""} {
		file := filepath.Join(t.TempDir(), "samples.txt")
		text := ""
		for m := range minutes + 1 {
			text += fmt.Sprintf("flink_job_headroom_ratio{cluster=\"c\",job=\"orders\"} 0.5 %d\n", began+int64(60*m))
		}
		require.NoError(t, os.WriteFile(file, []byte(text+"# EOF\n"), 0o600))
		stderr := &output{}
		require.Equal(t, exitFine, run(t.Context(), []string{"rules", "backtest", file}, &output{}, stderr), stderr)
		if said == "" {
			require.Empty(t, stderr.String())
			continue
		}
		require.Contains(t, stderr.String(), said)
		require.Contains(t, stderr.String(), "give samples of several windows")
	}
}

// TestBacktestOfTheHistory has checkpoints that grow by 1 GiB an hour in a history: the rule says so
// before they pass its limit. Through the running sidecar that has the history open it says the same.
func TestBacktestOfTheHistory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history.db")
	store, err := history.Open(t.Context(), history.Config{Path: path}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	until := time.Now()
	keep := episode.Thinning{Whole: 2 * time.Hour, Past: 24 * time.Hour, Step: time.Minute}
	for at := until.Add(-12 * time.Hour); at.Before(until); at = at.Add(2 * time.Minute) {
		size := at.Sub(until.Add(-12*time.Hour)).Hours() * (1 << 30)
		page, err := recorded.Page{At: at, Series: []signal.Series{{
			Name:   "flink_job_last_checkpoint_state_size_bytes",
			Labels: map[string]string{"cluster": "c", "job": "orders"}, Value: size,
		}, {
			Name: "flink_job_info", Labels: map[string]string{"cluster": "c", "job": "orders", "job_id": "j"}, Value: 1,
		}}}.Encode()
		require.NoError(t, err)
		require.NoError(t, store.PutPage("c", at, page, keep))
	}
	require.NoError(t, store.PutPage("c", until, []byte("damaged"), keep))
	require.NoError(t, store.Close())
	backtest := func(args ...string) (out backtests.Tried) {
		stdout, stderr := &output{}, &output{}
		code := run(t.Context(), append([]string{"rules", "backtest", "--format=json"}, args...), stdout, stderr)
		require.Equal(t, exitFine, code, stderr)
		require.Contains(t, stderr.String(), "the stored page is no gzip")
		require.NoError(t, json.Unmarshal([]byte(stdout.String()), &out))
		return out
	}
	all := backtest("--history.path=" + path)
	unwatched := map[string]string{}
	for _, w := range all.Unwatched {
		unwatched[w.Rule] = w.Why
	}
	for _, s := range all.Rules {
		if s.Rule == "checkpoint-size" {
			require.Equal(t, []int{1, 1}, []int{s.Fired, s.True})
			require.InDelta(t, 45*60, s.Leads[0], 10*60, "an hour of horizon less 15 min of waiting")
			require.InDelta(t, 11*3600, all.JudgedSeconds[s.Rule], 3600)
			continue
		}
		require.Zero(t, s.Fired, s.Rule)
		require.Zero(t, all.JudgedSeconds[s.Rule], s.Rule)
		require.Contains(t, unwatched[s.Rule], "no sample of flink_", s.Rule)
	}
	require.NotContains(t, unwatched, "checkpoint-size")
	for _, s := range backtest("--history.path="+path, "--since=1h").Rules {
		require.Zero(t, s.True, "%s: the limit was passed before", s.Rule)
	}
	sc := startSidecarOn(t, path, "--flink.url="+flinktest.New(t, flinktest.Flink23).URL)
	require.Equal(t, all.Rules, backtest("--sidecar.url="+sc.url, "--since=13h").Rules)
}
