package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// TestExamplesOfHelp runs what the help of profile's commands gives as examples, on
// files of these names and a replayed Flink, whose TaskManager is called tm1.
func TestExamplesOfHelp(t *testing.T) {
	page, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	dump, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-threads.json")
	require.NoError(t, err)
	server := flinktest.New(t, flinktest.Flink23)
	server.EnableProfiler(page)
	server.Answer("/jobmanager/thread-dump", 200, string(dump))
	t.Chdir(t.TempDir())
	for _, name := range []string{"run_ITIMER_1.html", "run.html", "before.html", "after.html"} {
		require.NoError(t, os.WriteFile(name, page, 0o600))
	}
	ran := 0
	for line := range strings.Lines(takeHelp + "\n" + convertHelp + "\n" + diffHelp + "\n") {
		words, isExample := strings.CutPrefix(strings.TrimSpace(line), "sidecar profile ")
		if !isExample || strings.Contains(words, "--episode") {
			continue
		}
		t.Run(words, func(t *testing.T) { runExample(t, words, server.URL) })
		ran++
	}
	require.GreaterOrEqual(t, ran, 9)
}

func runExample(t *testing.T, words, flink string) {
	t.Helper()
	words, input, redirected := strings.Cut(words, " < ")
	if redirected {
		file, err := os.Open(input)
		require.NoError(t, err)
		defer file.Close()
		before := os.Stdin
		os.Stdin = file
		defer func() { os.Stdin = before }()
	}
	args := append([]string{"profile"}, strings.Fields(words)...)
	if args[1] == "take" {
		words = strings.NewReplacer("--duration=1m", "", "--flink.url=http://jobmanager:8081", "", "tm-1",
			"tm1").Replace(words)
		args = append(append([]string{"profile"}, strings.Fields(words)...), "--duration=1s", "--flink.url="+flink)
	}
	var stdout, stderr output
	require.Equal(t, exitFine, run(t.Context(), args, &stdout, &stderr), stderr.String())
	require.True(t, stdout.String() != "" || strings.Contains(words, "--output"), words)
}

// TestExamplesOfPipelines checks the whole configurations of the guide, and describes their scale
// tests.
func TestExamplesOfPipelines(t *testing.T) {
	guide, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	for heading, want := range map[string]string{
		"## sinks: a pipeline with Kafka only":   "enriched: topic orders-enriched",
		"## sinks: Elasticsearch and OpenSearch": "search: index orders",
	} {
		_, section, found := strings.Cut(string(guide), heading)
		require.True(t, found, heading)
		_, section, _ = strings.Cut(section, "```yaml\n")
		example, _, found := strings.Cut(section, "```")
		require.True(t, found, heading)
		require.NoError(t, os.WriteFile("example.yml", []byte(example), 0o600))
		var out, errs output
		require.Equal(t, exitFine, run(t.Context(), []string{"check", "config", "example.yml"}, &out, &errs), out.String())
		args := []string{"scaletest", "--config.file=example.yml", "--label=x", "--dry-run"}
		require.Equal(t, exitFine, run(t.Context(), args, &out, &errs), errs.String())
		require.Contains(t, out.String(), want)
	}
}
