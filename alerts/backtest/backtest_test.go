package backtest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const began = 1_800_000_000

// sampled is a file with a value of the size of checkpoints each minute.
func sampled(minutes int, value func(minute int) float64) string {
	var out strings.Builder
	out.WriteString("# TYPE flink_job_last_checkpoint_state_size_bytes gauge\n")
	for m := range minutes {
		fmt.Fprintf(&out, "flink_job_last_checkpoint_state_size_bytes{cluster=\"c\",job=\"orders \\\"v1\\\"\"} %g %d\n",
			value(m), began+60*m)
	}
	return out.String() + "# EOF\n"
}

func run(t *testing.T, text string) map[string]episode.RuleScore {
	t.Helper()
	samples, whole, err := Read(strings.NewReader(text))
	require.NoError(t, err)
	require.True(t, whole)
	result, err := Run(alerts.DefaultConfig(), snapshot.Labels{}, samples.Pages())
	require.NoError(t, err)
	out := map[string]episode.RuleScore{}
	for _, score := range result.Rules {
		out[score.Rule] = score
	}
	return out
}

func TestARampCameTrue(t *testing.T) {
	// 10 GiB is passed in minute 500.
	got := run(t, sampled(600, func(m int) float64 { return 10 * float64(1<<30) * float64(m) / 500 }))["checkpoint-size"]
	require.Equal(t, 1, got.Fired)
	require.Equal(t, 1, got.True)
	require.Len(t, got.Leads, 1)
	require.InDelta(t, 45*60, got.Leads[0], 10*60, "an hour of horizon less 15 min of waiting")
	require.InDelta(t, 0, got.Delays[0], 5*60, "when the line said")
}

func TestNothingFiresOnAFlatLine(t *testing.T) {
	for rule, got := range run(t, sampled(600, func(int) float64 { return 1 << 30 })) {
		require.Zero(t, got.Fired, rule)
	}
}

func TestTimesInMillisecondsAndExemplars(t *testing.T) {
	samples, _, err := Read(strings.NewReader("flink_job_headroom_ratio{job=\"a\\\\b\\nc\", cluster=\"c\"} -0.5 " +
		"1800000000123\nflink_job_headroom_ratio 1 1800000000.123 # {trace=\"x\"} 1\nother_metric 1 1\n"))
	require.NoError(t, err)
	require.Len(t, samples, 2)
	require.Equal(t, "a\\b\nc", samples[0].of.Labels["job"])
	require.Equal(t, samples[0].millis, samples[1].millis)
	require.Equal(t, time.UnixMilli(1_800_000_000_123), samples[0].at())
}

func TestCutOffFileIsNotWhole(t *testing.T) {
	_, whole, err := Read(strings.NewReader("flink_job_headroom_ratio 1 1800000000\n"))
	require.NoError(t, err)
	require.False(t, whole)
}

func TestFaultsOfSamples(t *testing.T) {
	for text, fault := range map[string]string{
		"flink_job_headroom_ratio":         "line 1: \"flink_job_headroom_ratio\" is not a sample",
		"flink_job_headroom_ratio 1":       "has no value or no time stamp",
		"flink_job_headroom_ratio x 1":     `"x" is not a value`,
		"flink_job_headroom_ratio 1 x":     `"x" is not a time`,
		"flink_job_headroom_ratio{job 1 1": "do not end",
		"flink_job_headroom_ratio{a=\"b 1": "does not end",
	} {
		_, _, err := Read(strings.NewReader(text))
		require.ErrorContains(t, err, fault)
		require.ErrorContains(t, err, "(", "what to do")
	}
	_, err := Run(alerts.DefaultConfig(), snapshot.Labels{}, Samples{}.Pages())
	require.ErrorIs(t, err, ErrNoSamples)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(sampled(3, func(m int) float64 { return float64(m) })))
	f.Add([]byte("a{b=\"\\"))
	f.Fuzz(func(t *testing.T, text []byte) {
		samples, _, err := Read(bytes.NewReader(text))
		if err == nil && len(samples) > 0 && samples[len(samples)-1].at().Sub(samples[0].at()) < time.Hour {
			_, err = Run(alerts.DefaultConfig(), snapshot.Labels{}, samples.Pages())
			require.NoError(t, err)
		}
	})
}

// TestRulesThatJudgeNothing has a probe whose job is not known, and a job without checkpoints.
func TestRulesThatJudgeNothing(t *testing.T) {
	var text strings.Builder
	for minute := range 180 {
		at := 1_800_000_000 + 60*minute
		fmt.Fprintf(&text, "flink_job_headroom_ratio{cluster=\"c\",job=\"orders\"} 0.5 %d\n", at)
		for outcome, n := range map[string]int{"late": 0, "on_time": minute} {
			fmt.Fprintf(&text, "flink_sidecar_probe_records_total{sink=\"s\",outcome=%q} %d %d\n", outcome, n, at)
		}
	}
	samples, _, err := Read(strings.NewReader(text.String()))
	require.NoError(t, err)
	result, err := Run(alerts.DefaultConfig(), snapshot.Labels{}, samples.Pages())
	require.NoError(t, err)
	why := map[string]string{}
	for _, w := range result.Unwatched {
		why[w.Rule] = w.Why
		require.Zero(t, result.Judged[w.Rule], w.Rule)
	}
	require.Positive(t, result.Judged["headroom"])
	require.Positive(t, result.Judged["probe-late"])
	require.Contains(t, why["rocksdb-size"], "no sample of flink_state_sst_bytes so far")
	for _, score := range result.Rules {
		require.Equal(t, result.Judged[score.Rule] == 0, why[score.Rule] != "", score.Rule)
	}
}
