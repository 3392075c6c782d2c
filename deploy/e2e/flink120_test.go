//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// Without a probe: what is asked here is what the sidecar says of Flink.
var watching = template.Must(template.New("sidecar.yml").Parse(`
flink: {url: "{{.FlinkURL}}", cluster: e2e}
collector: {poll_interval: 5s}
profiling: {duration: 5s}
web: {listen_address: "127.0.0.1:0"}
`))

// TestFlink120 runs the sample job on Flink 1.20, which names a few things
// otherwise, and asks for what the sidecar says of any Flink.
func TestFlink120(t *testing.T) {
	s := startStack(t, "--load=40", "--flink-version=1.20")
	sc := newSidecar(t, s)
	sc.configure(t, watching, s)
	sc.start(t)
	testMetrics120(t, sc)
	testReporter(t, s, sc)
	t.Logf("\n%s", sc.command(t, "advise"))
	sc.atLeast(t, 0, 1, "flink_sidecar_profiles_total", map[string]string{"mode": "ITIMER", "result": "finished"})
	pageIsSound(t, sc)
	testScaleTest(t, s, newSidecar(t, s))
}

// testScaleTest runs a scale test in a process of its own: every record is seen once at every sink.
// Documents become visible five times a second, so that six seconds are long enough.
func testScaleTest(t *testing.T, s *stack, alone *sidecar) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.Elasticsearch+"/orders/_settings",
		strings.NewReader(`{"index":{"refresh_interval":"200ms"}}`))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)

	var got scalerun.Test
	out := alone.command(t, "scaletest", "--label=e2e", "--baseline", "--iterations=2", "--format=json")
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	require.Equal(t, scalerun.OK, got.Verdict, got.Reason)
	counted := slices.DeleteFunc(got.Iterations, func(it scalerun.Iteration) bool {
		return slices.Contains(it.Flags, "short") // it is repeated with more records
	})
	require.Len(t, counted, 2)
	for _, it := range counted {
		require.Positive(t, it.Intended)
		require.Equal(t, it.Intended, it.Sent)
		require.Len(t, it.Sinks, len(sinks))
		for name, sink := range it.Sinks {
			require.Equal(t, it.Sent, sink.Seen, name)
			require.Zero(t, sink.Duplicates, name)
		}
		t.Logf("%d records, %.0f records/s, slowest sink %s", it.Sent, *it.Throughput, it.SlowestSink)
	}
	require.Contains(t, alone.command(t, "history", "table"), "e2e")
}

func testMetrics120(t *testing.T, sc *sidecar) {
	job := map[string]string{"job": "orders enrichment"}
	sc.atLeast(t, time.Minute, 1, "flink_job_up", job)
	version := map[string]string{"version": "1.20.5"}
	sc.atLeast(t, time.Minute, 1, "flink_cluster_info", version)
	sc.atLeast(t, time.Minute, 0.0001, "flink_vertex_busy_ratio", map[string]string{"vertex": "enrich orders"})
	sc.atLeast(t, time.Minute, 1, "flink_job_checkpoints_total", map[string]string{"status": "completed"})
	sc.atLeast(t, time.Minute, 1, "flink_job_source_records_total", job)
	sc.atLeast(t, time.Minute, 0, "flink_vertex_pending_records", job)
	eventually(t, time.Minute, "nothing is unknown", func() error {
		families, err := sc.families(t)
		if err != nil {
			return err
		}
		return known(families)
	})
}

// known returns the first signal that is not.
func known(families map[string]*dto.MetricFamily) error {
	for _, metric := range families["flink_sidecar_signal_unknown"].GetMetric() {
		if metric.GetGauge().GetValue() == 1 {
			return fmt.Errorf("unknown: %v", metric.GetLabel())
		}
	}
	return nil
}
