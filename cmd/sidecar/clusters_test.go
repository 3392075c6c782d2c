package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// pair is a sidecar with two clusters that run the same job.
type pair struct {
	eu, us  *flinktest.Server
	sidecar runningSidecar
	client  *api.Client
	config  string
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{eu: flinktest.New(t, flinktest.Flink23), us: flinktest.New(t, flinktest.Flink23)}
	page, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	p.eu.EnableProfiler(page)
	p.us.EnableProfiler(page)
	p.config = filepath.Join(t.TempDir(), "sidecar.yml")
	text := fmt.Sprintf("flink: {clusters: [{cluster: eu, url: %q}, {cluster: us, url: %q}]}\nprofiling: "+
		"{duration: 1s}\ncollector: {poll_interval: 5s}\n", p.eu.URL, p.us.URL)
	require.NoError(t, os.WriteFile(p.config, []byte(text), 0o600))
	p.sidecar = startSidecar(t, "--config.file="+p.config)
	p.client, err = api.NewClient(p.sidecar.url, nil)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		status, err := p.client.Status(t.Context())
		return err == nil && len(status.Jobs) == 2 && knowsBusy(status.Jobs[0]) && knowsBusy(status.Jobs[1])
	}, soon, 20*time.Millisecond, p.sidecar.stderr)
	return p
}

func knowsBusy(job api.Job) bool { return len(job.Vertices) > 0 && job.Vertices[0].Busy != nil }

func TestTwoClustersInOneSidecar(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	status, err := p.client.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"eu", "us"}, []string{status.Clusters[0].Name, status.Clusters[1].Name})
	require.Equal(t, "eu", status.Cluster.Name)
	require.Equal(t, []string{"eu", "us"}, []string{status.Jobs[0].Cluster, status.Jobs[1].Cluster})
	_, metrics := p.sidecar.get(t, "/metrics")
	for _, line := range []string{
		`flink_cluster_up{cluster="eu"} 1`, `flink_cluster_up{cluster="us"} 1`,
		`flink_sidecar_up{target="flink"} 1`,
	} {
		require.Contains(t, metrics, line+"\n")
	}
	_, html := p.sidecar.get(t, "/")
	require.Contains(t, html, `orders enrichment <span class="quiet">on us</span>`)

	// Whose job it is decides where the profile is taken.
	advise := func(args ...string) (int, string) {
		var stdout, stderr output
		args = append([]string{
			"advise", "--config.file=" + p.config, "--history.path=" + p.sidecar.history,
			"--format=json",
		}, args...)
		return run(t.Context(), args, &stdout, &stderr), stderr.String()
	}
	code, stderr := advise("--job=" + flinktest.JobName)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, `several clusters have it: a job "orders enrichment" (name one of the clusters eu, us)`)
	code, stderr = advise("--cluster=us", "--job="+flinktest.JobName)
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, 1, p.us.ProfilesBegun())
	require.Zero(t, p.eu.ProfilesBegun())

	asked := func(cluster string) (found []episode.Episode) {
		of := episode.JobRef{Cluster: cluster, Job: flinktest.JobName}
		list, err := p.client.Episodes(t.Context(), of, "", 0)
		require.NoError(t, err)
		for _, ep := range list.Episodes {
			require.Equal(t, of, ep.Alert.JobRef())
			if ep.Alert.Rule == episode.RuleAsked {
				found = append(found, ep)
			}
		}
		return found
	}
	require.Empty(t, asked("eu"))
	require.Len(t, asked("us"), 1)
	require.Equal(t, "us", asked("us")[0].Target.Cluster)
}

func TestAnAmbiguousAlertIsDeclined(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	w := &world{sidecar: p.sidecar}
	code, text := w.webhook(t, map[string]string{"alertname": "Lag", "exported_job": flinktest.JobName})
	require.Equal(t, http.StatusAccepted, code)
	require.Equal(t, "0 accepted, 0 merged, 1 declined, 0 resolved, 0 own, 0 invalid\n", text)
	_, metrics := p.sidecar.get(t, "/metrics")
	require.Contains(t, metrics, `flink_sidecar_alerts_total{result="ambiguous",source="alertmanager"} 1`)
	require.Contains(t, p.sidecar.stderr.String(), "name one of the clusters eu, us")

	// Prometheus renames our label cluster where it has its own.
	_, text = w.webhook(t, map[string]string{
		"alertname": "Lag2", "exported_job": flinktest.JobName,
		"cluster": "k8s", "exported_cluster": "us",
	})
	require.Contains(t, text, "1 accepted")
}

func TestOneClusterDownIsNotBoth(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.us.Break(flinktest.Status(http.StatusInternalServerError))
	require.Eventually(t, func() bool {
		_, metrics := p.sidecar.get(t, "/metrics")
		return strings.Contains(metrics, `flink_cluster_up{cluster="us"} 0`) &&
			strings.Contains(metrics, `flink_cluster_up{cluster="eu"} 1`) &&
			strings.Contains(metrics, `flink_sidecar_up{target="flink"} 0`)
	}, soon, 50*time.Millisecond, p.sidecar.stderr)
	var status api.Status
	require.Eventually(t, func() bool {
		_, body := p.sidecar.get(t, "/api/v1/status")
		return json.Unmarshal([]byte(body), &status) == nil && len(status.Jobs) == 2 &&
			status.Jobs[0].State == "RUNNING" && status.Jobs[1].State == "RUNNING"
	}, soon, 50*time.Millisecond, "no process is gone")
	require.Empty(t, status.Targets[0].Problems)
	require.Contains(t, status.Targets[1].Problems[0], "see the JobManager's log")
	_, html := p.sidecar.get(t, "/")
	require.Contains(t, html, "flink of us is down")
}
