package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestMarkThroughTheRunningSidecarAndWithout marks a finding while a sidecar has the history
// open, and again after it stopped.
func TestMarkThroughTheRunningSidecarAndWithout(t *testing.T) {
	t.Parallel()
	sc := startSidecar(t, "--flink.url=http://127.0.0.1:1")
	client, err := api.NewClient(sc.url, nil)
	require.NoError(t, err)
	id := "01KBRSV6J0" + strings.Repeat("0", 16)
	require.NoError(t, client.PutEpisode(t.Context(), episode.Episode{
		ID: id, State: episode.Done, Opened: time.Unix(1764000000, 0), Alert: episode.Alert{Rule: "lag", Job: "orders"},
		Advice: &episode.Advice{Findings: []episode.Finding{{ID: id + "-F1", Rank: 1, Evidence: []string{"E1"}}}},
	}))
	ask := func(args ...string) (code int, stdout, stderr string) {
		var out, problems output
		args = append([]string{"history"}, append(args, "--history.path="+sc.history)...)
		code = run(t.Context(), args, &out, &problems)
		return code, out.String(), problems.String()
	}
	marked := func(decision, note string) {
		t.Helper()
		code, stdout, stderr := ask("mark", id+"-F1", decision, "--note="+note)
		require.Equal(t, exitFine, code, stderr)
		require.Contains(t, stdout, "finding "+id+"-F1 is "+decision+" since 20")
		_, stdout, _ = ask("show", id)
		require.Contains(t, stdout, `"decision": "`+decision+`"`)
		require.Contains(t, stdout, `"note": "`+note+`"`)
		require.Equal(t, 1, strings.Count(stdout, `"decision"`))
	}
	marked("applied", "in version 1.2")
	code, _, stderr := ask("mark", id+"-F2", "applied")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "there is no finding "+id+"-F2 (sidecar history show")
	code, _, stderr = ask("mark", "F1", "applied")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, `"F1" is not the id of an episode's finding`)
	code, _, stderr = ask("mark", id+"-F1", "perhaps")
	require.Equal(t, exitUsage, code, stderr)

	sc.stop()
	marked("rejected", "it was slower")
}

// TestAProbeThroughTheRunningSidecarNeedsNoConfiguration gets the answer of the sidecar that has the
// history open, which has no probe either.
func TestAProbeThroughTheRunningSidecarNeedsNoConfiguration(t *testing.T) {
	t.Parallel()
	sc := startSidecar(t, "--flink.url=http://127.0.0.1:1")
	var stdout, stderr output
	require.Equal(t, exitFailed, run(t.Context(), []string{"probe", "--history.path=" + sc.history}, &stdout, &stderr))
	require.Contains(t, stderr.String(), "probing through the running sidecar at "+sc.url)
	require.NotContains(t, stderr.String(), "no Flink cluster")
}
