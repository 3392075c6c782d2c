//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// thaw is how long Flink's metric store may stand still after a TaskManager
// died while its metrics were being fetched, and a little more.
const thaw = 11 * time.Minute

// sinks are those of the sample job, archive is the one that it has when it is asked for it.
var sinks = []string{"enriched", "alerts", "search"}

const archive = "archive"

// TestFirstLight is one day on call. Its parts build on each other, so the
// first that fails ends the day.
func TestFirstLight(t *testing.T) {
	dir := filepath.Join(t.TempDir(), archive)
	s := startStack(t, "--load=40", "--archive="+dir)
	s.Archive = dir
	sc := newSidecar(t, s)
	sc.start(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *stack, *sidecar)
	}{
		{"Metrics", testMetrics},
		{"ValuesEqualTheReporters", testReporter},
		{"EveryHop", testEveryHop},
		{"MetricsPassPromtool", testPromtool},
		{"DashboardsHaveData", testDashboards},
		{"ProbeCommandGoesThroughTheSidecar", testProbeCommand},
		{"TaskManagerKilled", testTaskManagerKilled},
		{"BrokerRestarted", testBrokerRestarted},
		{"ElasticsearchStopped", testElasticsearchStopped},
		{"SidecarKilledWhileProbing", testSidecarKilled},
		{"EveryRecordAccountedFor", testAudit},
	} {
		// The parts run on the day's own t: a child's end must not stop what a
		// part started, such as the sidecar that follows a killed one.
		t.Logf("--- %s", part.name)
		part.run(t, s, sc)
	}
}

func testMetrics(t *testing.T, _ *stack, sc *sidecar) {
	job := map[string]string{"job": "orders enrichment"}
	sc.atLeast(t, time.Minute, 1, "flink_job_up", job)
	sc.atLeast(t, time.Minute, 1, "flink_sidecar_up", map[string]string{"target": "flink"})
	sc.atLeast(t, time.Minute, 1, "flink_sidecar_up", map[string]string{"target": "kafka"})
	sc.atLeast(t, time.Minute, 1, "flink_sidecar_up", map[string]string{"target": "elasticsearch"})
	sc.atLeast(t, 2*time.Minute, 0.0001, "flink_vertex_busy_ratio", job)
	sc.atLeast(t, 2*time.Minute, 1, "flink_sidecar_collector_polls_total", map[string]string{"result": "ok"})
}

func testEveryHop(t *testing.T, _ *stack, sc *sidecar) {
	for _, hop := range []string{"acknowledged", "ingested", "enriched", "alerts", "indexed", "visible", archive} {
		sc.atLeast(t, 2*time.Minute, 5, "flink_sidecar_probe_latency_seconds", map[string]string{"hop": hop})
	}
	for _, sink := range sc.sinks {
		sc.atLeast(t, time.Minute, 5, "flink_sidecar_probe_records_total",
			map[string]string{"sink": sink, "outcome": "on_time"})
	}
}

// testPromtool holds the page against Prometheus' own linter, which also finds
// what our unit tests cannot: two stages that use one name differently.
func testPromtool(t *testing.T, s *stack, sc *sidecar) {
	require.NotEmpty(t, s.Promtool, "the stack runs without Prometheus")
	resp, err := get(t, sc.url+"/metrics")
	require.NoError(t, err)
	defer resp.Body.Close()
	cmd := exec.CommandContext(t.Context(), s.Promtool, "check", "metrics")
	cmd.Stdin = resp.Body
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "promtool check metrics: %s", out)
	require.Empty(t, string(out))
	pageIsSound(t, sc)
}

// pageIsSound: no scrape of this process's life had to leave anything out.
func pageIsSound(t *testing.T, sc *sidecar) {
	t.Helper()
	for _, cause := range []string{"gathering", "encoding"} {
		errs, err := sc.value(t, "promhttp_metric_handler_errors_total", map[string]string{"cause": cause})
		require.NoError(t, err)
		require.Zero(t, errs, "scrapes that failed in "+cause)
	}
}

func testProbeCommand(t *testing.T, _ *stack, sc *sidecar) {
	table := sc.command(t, "probe", "--records=8")
	for _, word := range []string{"acknowledged", "enriched", "alerts", "indexed", "visible", "on_time"} {
		require.Contains(t, table, word)
	}
	t.Logf("\n%s", table)
	require.Contains(t, sc.command(t, "history", "list"), "probe-round")
}

// testTaskManagerKilled outlives the freeze of Flink's metric store: what is
// asked of the sidecar is that it says unknown meanwhile, never an old number.
func testTaskManagerKilled(t *testing.T, s *stack, sc *sidecar) {
	s.local(t, "kill", "taskmanager-1")
	gauge := map[string]string{"job": "orders enrichment"}
	eventually(t, 3*time.Minute, "the sidecar says that the job is not up, or names what it does not know",
		func() error {
			up, err := sc.value(t, "flink_job_up", gauge)
			if err != nil {
				return err
			}
			families, err := sc.families(t)
			if err != nil {
				return err
			}
			for _, m := range families["flink_sidecar_signal_unknown"].GetMetric() {
				if m.GetGauge().GetValue() == 1 {
					return nil
				}
			}
			if up == 0 {
				return nil
			}
			return errors.New("job up and every signal known")
		})
	s.local(t, "start", "taskmanager-1")
	sc.atLeast(t, 3*time.Minute, 1, "flink_job_up", gauge)
	goesOn(t, sc)
	eventually(t, thaw, "busy ratio is known again", func() error {
		_, err := sc.value(t, "flink_vertex_busy_ratio", gauge)
		return err
	})
}

func testBrokerRestarted(t *testing.T, s *stack, sc *sidecar) {
	s.local(t, "kill", "kafka")
	eventually(t, time.Minute, "the sidecar says that Kafka is down", isDown(t, sc, "kafka"))
	s.local(t, "start", "kafka")
	sc.atLeast(t, 2*time.Minute, 1, "flink_sidecar_up", map[string]string{"target": "kafka"})
	goesOn(t, sc)
}

func testElasticsearchStopped(t *testing.T, s *stack, sc *sidecar) {
	s.local(t, "kill", "elasticsearch", "--signal=TERM")
	eventually(t, time.Minute, "the sidecar says that Elasticsearch is down", isDown(t, sc, "elasticsearch"))
	s.local(t, "start", "elasticsearch")
	sc.atLeast(t, 2*time.Minute, 1, "flink_sidecar_up", map[string]string{"target": "elasticsearch"})
	goesOn(t, sc)
}

func isDown(t *testing.T, sc *sidecar, target string) func() error {
	return func() error {
		up, err := sc.value(t, "flink_sidecar_up", map[string]string{"target": target})
		if err == nil && up != 0 {
			err = fmt.Errorf("%s is up", target)
		}
		return err
	}
}

// goesOn waits until each sink has seen ten further records on time.
func goesOn(t *testing.T, sc *sidecar) {
	t.Helper()
	for _, sink := range sc.sinks {
		labels := map[string]string{"sink": sink, "outcome": "on_time"}
		now, err := sc.value(t, "flink_sidecar_probe_records_total", labels)
		require.NoError(t, err)
		sc.atLeast(t, 5*time.Minute, now+10, "flink_sidecar_probe_records_total", labels)
	}
}

// testSidecarKilled kills the sidecar several times in the middle of things and
// holds the counters of each life against those of the one before.
func testSidecarKilled(t *testing.T, _ *stack, sc *sidecar) {
	for range 5 {
		eventually(t, time.Minute, "records are under way", func() error {
			for _, account := range accounts(t, sc) {
				if account.Outcomes[episode.Pending] > 0 {
					return nil
				}
			}
			return errors.New("nothing is pending")
		})
		before := accounts(t, sc)
		sc.kill(t)
		sc.start(t)
		for i, account := range accounts(t, sc) {
			require.True(t, account.Balanced(), "%+v", account)
			require.GreaterOrEqual(t, account.Intended, before[i].Intended, account.Sink)
			counted, err := sc.value(t, "flink_sidecar_probe_records_total",
				map[string]string{"sink": account.Sink, "outcome": "on_time"})
			require.NoError(t, err)
			require.GreaterOrEqual(t, counted, float64(before[i].Outcomes[episode.OnTime]),
				"the counter of %s fell back", account.Sink)
		}
	}
	goesOn(t, sc)
}

// accounts asks the API for the bookkeeping of each sink.
func accounts(t *testing.T, sc *sidecar) []episode.Account {
	t.Helper()
	return status(t, sc).Probe.Accounts
}

func status(t *testing.T, sc *sidecar) api.Status {
	t.Helper()
	resp, err := get(t, sc.url+"/api/v1/status")
	require.NoError(t, err)
	defer resp.Body.Close()
	var status api.Status
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&status))
	return status
}
