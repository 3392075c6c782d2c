package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/report"
)

var update = flag.Bool("update", false, "write testdata anew")

// result has one good and one bad iteration, and a hostile label.
func result() scalerun.Test {
	v := func(f float64) *float64 { return &f }
	checkpoints := 2
	latency := scalerun.Latency{Min: v(0.1), Mean: v(0.3), P50: v(0.25), P90: v(0.7), P99: v(1.25), Max: v(2)}
	sinks := map[string]scalerun.Sink{
		"enriched": {Seen: 1000, ToAllSeconds: v(9), Throughput: v(111.1), Latency: latency},
		"search": {
			Seen: 1000, ToAllSeconds: v(10), Throughput: v(100), Latency: latency, Stamps: &latency, Indexed: &latency,
			ClockOffset: &scalerun.ClockOffset{Low: -0.01, High: 0.002},
		},
	}
	return scalerun.Test{
		ID: "01", Run: "run", Label: "a | b\x1b[31m", Baseline: true, Deployment: "d1", Verdict: scalerun.Void,
		Reason: "5 records did not reach every sink", Shape: "steady",
		Iterations: []scalerun.Iteration{
			{
				Iteration: 1, Intended: 1000, Sent: 1000, ToKafkaSeconds: v(0.5), ToAllSinksSeconds: v(10),
				Throughput: v(100), SlowestSink: "search", PublishDelay: scalerun.Delay{P99: v(0.001)}, Sinks: sinks,
				CPUPerMillion: v(1234.5), Checkpoints: &checkpoints, Flags: []string{}, Notes: []string{"a note"},
			},
			{
				Iteration: 2, Intended: 1000, Sent: 990, NotSent: 7, ProduceFailed: 3, Lost: 5, Duplicates: 2, Reordered: 1,
				Sinks: map[string]scalerun.Sink{"enriched": {Seen: 0, Lost: 5}}, Flags: []string{"unsent", "lost"},
				Notes: []string{"a note"},
			},
		},
		Throughput: scalerun.Throughput{Value: v(100), Low: v(100), High: v(100)},
		Sustainable: &scalerun.Sustainable{
			Rate: v(95), Verdict: scalerun.Sustained, Reason: "it does not grow", Headroom: v(1.9),
			NextRate: v(98), Trials: []scalerun.Trial{{Rate: 95, Verdict: scalerun.Sustained, Reason: "the backlog grows by 0.1"}},
		},
		Warnings: []string{"a warning"},
	}
}

func TestForms(t *testing.T) {
	for _, format := range report.Formats() {
		var out bytes.Buffer
		one := result()
		if format == "csv" {
			one.Sustainable = nil
		}
		require.NoError(t, report.Write(&out, one, format))
		golden := "testdata/result." + format
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), out.String(), format)
		require.NotContains(t, out.String(), "\x1b", format)
	}
}

// TestJSONHasTheContract requires the keys that other programs rely on.
func TestJSONHasTheContract(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report.Write(&out, result(), "json"))
	var got map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	requireKeys(t, got, "run", "label", "baseline", "verdict", "environment", "iterations", "throughput", "sustainable")
	requireKeys(t, got["throughput"], "value", "low", "high")
	requireKeys(t, got["sustainable"], "rate", "verdict", "trials")
	it := got["iterations"].([]any)[0]
	requireKeys(t, it, "iteration", "seed", "warm_up", "intended", "sent", "not_sent", "produce_failed", "lost",
		"duplicates", "reordered", "to_kafka_seconds", "to_all_sinks_seconds", "throughput", "publish_delay_seconds",
		"sinks", "cpu_seconds_per_million", "flags")
	requireKeys(t, it.(map[string]any)["publish_delay_seconds"], "p50", "p99", "max")
	sink := it.(map[string]any)["sinks"].(map[string]any)["search"]
	requireKeys(t, sink, "throughput", "latency_seconds")
	requireKeys(t, sink.(map[string]any)["latency_seconds"], "min", "mean", "p50", "p90", "p99", "max")
}

func requireKeys(t *testing.T, v any, keys ...string) {
	t.Helper()
	for _, key := range keys {
		require.Contains(t, v, key)
	}
}

// TestCSVIsOneTable has a test of each kind: that of two deployments is one table, and that of a
// search has its trials.
func TestCSVIsOneTable(t *testing.T) {
	one, search := report.Test{Test: result()}, report.Test{Test: result()}
	one.Sustainable = nil
	search.Iterations = nil
	for _, tc := range []struct {
		tests []report.Test
		lines int
		last  string
	}{
		{[]report.Test{one}, 1 + 2 + 1, "indexed_max_seconds"},
		{[]report.Test{one, one}, 1 + 2*(2+1), "indexed_max_seconds"},
		{[]report.Test{search, search}, 1 + 2, "search_verdict"},
	} {
		var out bytes.Buffer
		require.NoError(t, report.WriteTests(&out, tc.tests, "csv"))
		require.NotContains(t, out.String(), "\n\n")
		lines, err := csv.NewReader(&out).ReadAll()
		require.NoError(t, err)
		require.Len(t, lines, tc.lines)
		require.Equal(t, tc.last, lines[0][len(lines[0])-1])
	}
}

// TestWarmUpRuleIsShown where an iteration is warm-up.
func TestWarmUpRuleIsShown(t *testing.T) {
	test := result()
	test.WarmUpRule = "the rule"
	for _, warm := range []bool{false, true} {
		test.Iterations[0].WarmUp = warm
		var out bytes.Buffer
		require.NoError(t, report.Write(&out, test, "table"))
		require.Equal(t, warm, strings.Contains(out.String(), "note: the rule"))
	}
}
