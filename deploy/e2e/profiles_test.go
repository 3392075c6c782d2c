//go:build e2e

package e2e

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// profileIsShown holds the metrics and the page of an episode's profile against it.
func (d *loopDay) profileIsShown(t *testing.T, ep episode.Episode) {
	t.Helper()
	profile := ep.Profiles[0]
	labels := map[string]string{"job": "orders enrichment", "mode": profile.Mode}
	samples, err := d.sidecar.value(t, "flink_sidecar_profile_samples", labels)
	require.NoError(t, err)
	require.InDelta(t, profile.Samples, samples, 0)
	total := 0.0
	families, err := d.sidecar.families(t)
	require.NoError(t, err)
	for _, m := range families["flink_sidecar_profile_work_ratio"].GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == "mode" && l.GetValue() == profile.Mode {
				total += m.GetGauge().GetValue()
			}
		}
	}
	require.InDelta(t, 1, total, 1e-6, "the shares of all operators and kinds of work")

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		d.sidecar.url+"/profiles/"+profile.Hash+".html", nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Contains(t, resp.Header.Get("Content-Security-Policy"), "sandbox allow-scripts;")
}

// everyMode takes a profile in each of Flink's modes and one of thread dumps, and reads
// it in each format.
// Whether the kernel lets CPU have its perf events is the machine's affair.
func (d *loopDay) everyMode(t *testing.T) {
	dir := t.TempDir()
	for _, mode := range []string{"ITIMER", "CPU", "ALLOC", "LOCK", "WALL", "THREADS"} {
		cmd := exec.CommandContext(t.Context(), binary(t, "sidecar"), "profile", "take",
			"--flink.url="+d.stack.FlinkURL, "--modes="+mode, "--duration=3s", "--output="+dir)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if mode == "CPU" && strings.Contains(stderr.String(), "the kernel denies access to perf events") {
			t.Log("CPU: the kernel denies access to perf events")
			continue
		}
		require.NoError(t, err, stderr.String())
		fields := strings.Fields(string(out))
		require.Len(t, fields, 5, "ID MODE PROCESS SAMPLES PATH: %s", out)
		require.Equal(t, mode, fields[1])
		t.Log(string(out))
		for _, format := range []string{"table", "json", "collapsed", "pprof", "speedscope"} {
			read, err := exec.CommandContext(t.Context(), binary(t, "sidecar"), "profile", "convert", fields[4],
				"--to="+format).Output()
			require.NoError(t, err, "%s as %s", mode, format)
			require.Equal(t, fields[3] == "0" && format == "collapsed", len(read) == 0, "%s as %s", mode, format)
		}
	}
}
