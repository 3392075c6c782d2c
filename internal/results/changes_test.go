package results

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// TestChangesAreExported: the metrics follow each write, and have only what is known.
func TestChangesAreExported(t *testing.T) {
	store := historytest.Open(t)
	c := NewChanges(store, slog.New(slog.DiscardHandler))
	c.read()
	require.Zero(t, testutil.CollectAndCount(c))

	_, err := routes.Import(c, api.ImportRequest{
		Run: "july", Job: "orders", Format: "csv", Paired: true,
		Text: "label,deployment,iteration,throughput\nbase,1,1,100\nbase,2,1,110\nbase,3,1,121\n" +
			"change,1,1,121\nchange,2,1,130\nchange,3,1,150\n",
	}, time.Now())
	require.NoError(t, err)
	// Two throughputs; improvement, two bounds, the detectable change, the step and four verdicts of
	// one.
	require.Equal(t, 11, testutil.CollectAndCount(c))
	require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(`
# HELP flink_sidecar_change_verdict 1 for the verdict on a label of the newest run, else 0: better, worse, unclear (~) or too_few_samples. The baseline has none.
# TYPE flink_sidecar_change_verdict gauge
flink_sidecar_change_verdict{cluster="",job="orders",label="change",run="july",shape="",verdict="better"} 1
flink_sidecar_change_verdict{cluster="",job="orders",label="change",run="july",shape="",verdict="too_few_samples"} 0
flink_sidecar_change_verdict{cluster="",job="orders",label="change",run="july",shape="",verdict="unclear"} 0
flink_sidecar_change_verdict{cluster="",job="orders",label="change",run="july",shape="",verdict="worse"} 0
`), "flink_sidecar_change_verdict"))
	require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(`
# HELP flink_sidecar_change_throughput_records_per_second Throughput of a label of the newest run of scale tests: the geometric mean over its deployments.
# TYPE flink_sidecar_change_throughput_records_per_second gauge
flink_sidecar_change_throughput_records_per_second{cluster="",job="orders",label="base",run="july",shape=""} 110
flink_sidecar_change_throughput_records_per_second{cluster="",job="orders",label="change",run="july",shape=""} 133.129201525
`), "flink_sidecar_change_throughput_records_per_second"))

	_, err = routes.Import(c, api.ImportRequest{Job: "j", Format: "csv", Text: "label,throughput\na,1\n"},
		time.Now().Add(time.Second))
	require.NoError(t, err)
	require.Equal(t, 1, testutil.CollectAndCount(c), "the newest run only")

	require.NoError(t, c.PutScaleTest(scalerun.Test{
		ID: historytest.IDAt(time.Now().Add(2 * time.Second)), Run: "r", Job: "j", Label: "x", Baseline: true, OpensRun: true,
		Verdict: scalerun.OK, Deployment: "d", Iterations: []scalerun.Iteration{{
			Iteration: 1, Throughput: new(10.0), CPUPerMillion: new(3.0),
			Sinks: map[string]scalerun.Sink{"es": {Latency: scalerun.Latency{P50: new(0.5), P99: new(2.0)}}},
		}},
	}))
	require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(`
# HELP flink_sidecar_change_cpu_seconds_per_million_records CPU time of all TaskManagers for a million records of a label of the newest run: the geometric mean over its deployments.
# TYPE flink_sidecar_change_cpu_seconds_per_million_records gauge
flink_sidecar_change_cpu_seconds_per_million_records{cluster="",job="j",label="x",run="r",shape=""} 3
# HELP flink_sidecar_change_latency_seconds Latency of the slowest sink of a label of the newest run: the geometric mean over its deployments.
# TYPE flink_sidecar_change_latency_seconds gauge
flink_sidecar_change_latency_seconds{cluster="",job="j",label="x",quantile="0.5",run="r",shape=""} 0.5
flink_sidecar_change_latency_seconds{cluster="",job="j",label="x",quantile="0.99",run="r",shape=""} 2
`), "flink_sidecar_change_cpu_seconds_per_million_records", "flink_sidecar_change_latency_seconds"))
}
