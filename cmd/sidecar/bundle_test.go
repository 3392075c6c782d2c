package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// enrichJob has the method of the hottest frames of user code in the profile of the tests.
const enrichJob = `package lab;

public class EnrichJob {
    static class Enrich extends KeyedProcessFunction<String, Order, Order> {
        @Override
        public void processElement(Order in, Context ctx, Collector<Order> out) {
            client.login("flink", "Hunter2hunter2"); // password <b>
            out.collect(in.with(hash(in), "\\s+"));
        }
    }
}
`

// printed runs a command that must succeed and returns what it prints.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr output
	require.Equal(t, exitFine, run(t.Context(), args, &stdout, &stderr), stderr.String())
	return stdout.String()
}

// TestABundleOfAnEpisode has the code of a hot frame, is written by the running sidecar and by
// one beside its history, and is judged again to the same bytes.
func TestABundleOfAnEpisode(t *testing.T) {
	t.Parallel()
	sources := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(sources, "java/lab"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(sources, "java/lab/EnrichJob.java"), []byte(enrichJob), 0o600))
	w := newWorld(t, "advisor: {source: [{dir: "+sources+"}, {git: "+sources+"}]}\n")
	w.start(t)
	w.webhook(t, map[string]string{"alertname": "Lag", "job": flinktest.JobName})
	ep := w.episodeOf(t, "Lag", api.Finished)
	config := "--config.file=" + w.config
	advise := func(more ...string) string {
		return printed(t, append([]string{"advise", config, "--history.path=" + w.sidecar.history}, more...)...)
	}

	stored := advise("--episode="+ep.ID, "--format=json")
	var advice episode.Advice
	require.NoError(t, json.Unmarshal([]byte(stored), &advice))
	requireSource(t, advice)
	require.Contains(t, w.page(t, "/episodes/"+ep.ID), `out.collect(in.with(hash(in), &#34;\\s&#43;&#34;));`)

	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	line := advise("--episode="+ep.ID, "--output="+first)
	require.Regexp(t, `^[0-9a-f]{64} `+first+`\n$`, line)
	hidden := filepath.Join(t.TempDir(), "hidden")
	advise("--episode="+ep.ID, "--output="+hidden, "--anonymize")
	require.NotContains(t, advise("--bundle="+hidden, "--dry-run"), flinktest.JobName)
	meaning, err := os.ReadFile(hidden + "-names.json")
	require.NoError(t, err)
	require.Contains(t, string(meaning), `"`+flinktest.JobName+`"`)
	w.sidecar.stop()
	require.Equal(t, line[:64], advise("--episode="+ep.ID, "--output="+second)[:64], "the same evidence")
	require.NoError(t, os.RemoveAll(sources), "the evidence has the code")
	require.Equal(t, stored, advise("--bundle="+first, "--format=json"))
	require.Contains(t, advise("--bundle="+second, "--dry-run"), "out.collect(in.with(hash(in)")
	text := advise("--bundle="+second, "--format=markdown")
	require.Contains(t, text, "\n\n  ```java\n  @Override\n  public void processElement(")
	require.NotContains(t, stored+text, "Hunter2")
}

func requireSource(t *testing.T, advice episode.Advice) {
	t.Helper()
	found := 0
	for _, e := range advice.Evidence {
		if e.Kind != "source" {
			continue
		}
		found++
		require.Equal(t, "lab.EnrichJob$Enrich.processElement", e.Subject)
		require.Equal(t, "java/lab/EnrichJob.java", e.File)
		require.Equal(t, 5, e.Line)
		require.Contains(t, e.Code, "@Override\npublic void processElement(Order in")
		require.Contains(t, e.Code, `client.login("[redacted]", "[redacted]"); // password <b>`)
	}
	require.Equal(t, 1, found)
	require.Contains(t, advice.Warnings[0], "it is not a git directory (name the directory of a clone, or use dir)")
}

// page returns a page of the running sidecar.
func (w *world) page(t *testing.T, path string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.sidecar.url+path, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

func TestWrongBundles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bundle.json"), []byte(`{"version": 9}`), 0o600))
	for want, args := range map[string][]string{
		"version 9 is from a newer sidecar (use that version, or a newer one)": {"--bundle=" + dir},
		"no such file or directory (give a directory with bundle.json)":        {"--bundle=" + filepath.Join(dir, "none")},
		"--anonymize needs --output":                                           {"--anonymize", "--episode=X"},
		"--output needs --episode":                                             {"--output=" + dir},
		"--output and --dry-run exclude each other":                            {"--output=" + dir, "--episode=X", "--dry-run"},
		"--episode, --bundle and --profile exclude each other":                 {"--bundle=" + dir, "--profile=x"},
		"--dry-run needs --bundle, --profile or --episode (sidec":              {"--dry-run"},
	} {
		var stderr output
		require.NotEqual(t, exitFine, run(t.Context(), append([]string{"advise"}, args...), io.Discard, &stderr))
		require.Contains(t, stderr.String(), want)
	}
}

// TestWhatRemainsOfABundleIsJudged: a warning says what is left out.
func TestWhatRemainsOfABundleIsJudged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	for name, text := range map[string][]byte{
		"bundle.json": []byte(`{"profiles": ["a.html", "b.html"]}`), "a.html": page, "b.html": page[:len(page)/2],
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	var stdout, stderr output
	require.Equal(t, exitFine, run(t.Context(), []string{"advise", "--bundle=" + dir}, &stdout, &stderr))
	require.Contains(t, stderr.String(), "sidecar: profile b.html is not used: ")
	require.Contains(t, stdout.String(), "\nWarnings\n  profile b.html is not used: ")
	require.Contains(t, stdout.String(), "1. ")
}
