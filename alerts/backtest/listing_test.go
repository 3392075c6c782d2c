package backtest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded/recordedtest"
	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// page writes what a scrape of one minute has.
type page func(minute int) []string

// scored runs the rules over so many minutes.
func scored(t *testing.T, c alerts.Config, probed snapshot.Labels, minutes int, of page) map[string]episode.RuleScore {
	t.Helper()
	var text strings.Builder
	for m := range minutes {
		for _, line := range of(m) {
			fmt.Fprintf(&text, "%s %d\n", line, began+60*m)
		}
	}
	result, whole, err := RunText(c, probed, strings.NewReader(text.String()+"# EOF\n"), "test")
	require.NoError(t, err)
	require.True(t, whole)
	out := map[string]episode.RuleScore{}
	for _, score := range result.Rules {
		out[score.Rule] = score
	}
	return out
}

// TestTheAlertOfATaskManagerThatIsGoneEnds has one whose metaspace fills, and which is gone before it
// is full. Nothing else would end its alert.
func TestTheAlertOfATaskManagerThatIsGoneEnds(t *testing.T) {
	metaspace := func(tm string, used float64) []string {
		labels := fmt.Sprintf(`{cluster="c",taskmanager=%q,area="metaspace"}`, tm)
		return []string{
			fmt.Sprintf("flink_tm_memory_used_bytes%s %g", labels, used),
			fmt.Sprintf("flink_tm_memory_max_bytes%s 1000", labels),
		}
	}
	for last, avoided := range map[int]int{410: 1, 435: 0} { // the other is not gone for long enough {
		got := scored(t, alerts.DefaultConfig(), snapshot.Labels{}, 449, func(m int) []string {
			out := metaspace("tm-2", 100)
			if m < last {
				out = append(out, metaspace("tm-1", 2*float64(m))...)
			}
			return out
		})["metaspace"]
		require.Equal(t, 1, got.Fired, last)
		require.Equal(t, avoided, got.Avoided, last)
		require.Equal(t, 1-avoided, got.Open(), last)
	}
}

// TestTheAlertOfAJobThatIsGoneEnds has a job whose checkpoints grow, and that is gone before they
// are at their limit. While Flink's metrics stand still, the job is not gone.
func TestTheAlertOfAJobThatIsGoneEnds(t *testing.T) {
	const job = `cluster="c",job="orders"`
	for state, want := range map[string]int{"GONE": 1, "FAILED": 1, "RUNNING": 0, "RESTARTING": 0} {
		got := scored(t, alerts.DefaultConfig(), snapshot.Labels{}, 520, func(m int) []string {
			info := "flink_job_info{" + job + `,job_id="1",epoch="e"} 1`
			if m < 480 {
				size := 10 * float64(1<<30) * float64(m) / 500
				return []string{
					info, "flink_job_state{" + job + `,state="RUNNING"} 1`,
					fmt.Sprintf("flink_job_last_checkpoint_state_size_bytes{%s} %g", job, size),
				}
			}
			return []string{info, "flink_job_state{" + job + fmt.Sprintf(`,state=%q} 1`, state)}
		})["checkpoint-size"]
		require.Equal(t, 1, got.Fired, state)
		require.Equal(t, want, got.Avoided, state)
		require.Equal(t, 1-want, got.Open(), state)
	}
}

// TestTheProbeIsOfItsJob matches the rule of the probe with its job, which its metrics do not name.
func TestTheProbeIsOfItsJob(t *testing.T) {
	c := alerts.DefaultConfig()
	require.NoError(t, yaml.Unmarshal([]byte("rules: [{name: probe-lost, match: {job: orders}}]"), &c))
	for job, want := range map[string]int{"orders": 1, "bills": 0} {
		got := scored(t, c, snapshot.Labels{Cluster: "c", Job: job}, 120, func(m int) []string {
			const records = `flink_sidecar_probe_records_total{sink="s",outcome=`
			return []string{fmt.Sprintf(`%s"lost"} %d`, records, m), fmt.Sprintf(`%s"on_time"} %d`, records, 9*m)}
		})["probe-lost"]
		require.Equal(t, want, got.Fired, job)
	}
}

func TestOtherSidecarsOfAPrometheusDoNotCount(t *testing.T) {
	p := recordedtest.New(t, map[string]string{"__name__": "flink_job_headroom_ratio", "cluster": "c", "job": "orders"},
		func(float64) float64 { return 1 })
	past := Past{
		Prometheus: alerts.PrometheusConfig{URL: p.URL, HTTP: commoncfg.DefaultHTTPClientConfig},
		Since:      time.Hour, Step: time.Minute,
	}
	for _, clusters := range [][]string{nil, {"other", "c"}} {
		past.Clusters = clusters
		_, err := RunPast(t.Context(), alerts.DefaultConfig(), past)
		require.NoError(t, err)
	}
	past.Clusters = []string{"other"}
	_, err := RunPast(t.Context(), alerts.DefaultConfig(), past)
	require.ErrorIs(t, err, ErrNoSamples)
	require.ErrorContains(t, err, p.URL+", clusters of the section flink (other): ")
}

// TestSamplesAreSmall holds the bound of the samples: a file of a gigabyte has fifty million lines.
func TestSamplesAreSmall(t *testing.T) {
	const growth = 2.25 // the old list and a new one that is a quarter longer
	require.Less(t, growth*maxSamples*float64(reflect.TypeFor[sample]().Size()), float64(1<<30))

	samples, _, err := Read(strings.NewReader("flink_job_headroom_ratio{job=\"a } \\\" b\"} 1 1800000000\n" +
		"flink_job_headroom_ratio{job=\"a } \\\" b\"} 2 1800000015\nflink_job_headroom_ratio{job=\"c\"} 3 1800000015\n" +
		"flink_job_headroom_ratio 4 1800000030\nflink_job_headroom_ratio 5 1800000045\n"))
	require.NoError(t, err)
	require.Len(t, samples, 5)
	require.Same(t, samples[0].of, samples[1].of)
	require.Same(t, samples[3].of, samples[4].of)
	require.Equal(t, "a } \" b", samples[1].of.Labels["job"])
	require.Equal(t, "c", samples[2].of.Labels["job"])
	require.Empty(t, samples[3].of.Labels)
	require.InDelta(t, 2, samples[1].value, 0)
}

func TestDocHasTheLookback(t *testing.T) {
	for path, form := range map[string]string{
		rulesDoc:               "a TaskManager is gone %g min after its last sample",
		"../../docs/DESIGN.md": "up to %g min later that a TaskManager is gone",
	} {
		documenttest.Says(t, path, fmt.Sprintf(form, lookback.Minutes()))
	}
}
