package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/llmtest"
	"github.com/flink-sidecar/flink-sidecar/advisor/scenario"
)

// scenarioDir has two scenarios: a healthy job about which nothing is known, and one in
// which the rules can find nothing.
func scenarioDir(t *testing.T, misses string) string {
	t.Helper()
	dir := t.TempDir()
	for name, answer := range map[string]string{
		"calm":   "title: t\nhow: h\nanswer: {healthy: true}\n",
		"hidden": "title: t\nhow: h\nanswer: {category: [hot-key]}\n" + misses,
	} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name, "answer.yaml"), []byte(answer), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name, "bundle.json"), []byte(`{"job": "j"}`), 0o600))
	}
	return dir
}

const bothMissed = "known_misses: {first: no evidence, top3: no evidence}\n"

func TestScenariosOfOnesOwn(t *testing.T) {
	t.Parallel()
	code, out, stderr := scored(t, "scenarios", "--dir="+scenarioDir(t, ""))
	require.Equal(t, exitFailed, code)
	require.Regexp(t, `(?m)^calm +- +- +- .* ok +ok +none$`, out)
	require.Regexp(t, `(?m)^hidden +- +MISS +MISS +- .* none$`, out)
	require.Contains(t, out, "hidden: first: no finding\n")
	require.Contains(t, out, "1 planted faults, 1 healthy jobs\n  first     0 of 1 (0.0 %)\n")
	require.Contains(t, stderr, "2 checks fail")

	code, out, _ = scored(t, "scenarios", "--dir="+scenarioDir(t, bothMissed))
	require.Equal(t, exitFine, code, "known misses are no surprise")
	require.Regexp(t, `(?m)^hidden +- +known +known `, out)
	require.Contains(t, out, "  2 known misses\n")
}

func TestScenariosAsJSON(t *testing.T) {
	t.Parallel()
	code, out, _ := scored(t, "scenarios", "--format=json", "--dir="+scenarioDir(t, bothMissed))
	require.Equal(t, exitFine, code)
	var results []scenario.Result
	require.NoError(t, json.Unmarshal([]byte(out), &results))
	require.Len(t, results, 1)
	require.Equal(t, []string{"calm", "hidden"}, []string{results[0].Scores[0].Name, results[0].Scores[1].Name})
	require.Equal(t, "no finding", results[0].Scores[1].Failed[scenario.First])
	require.Equal(t, 2, results[0].Summary.KnownMisses)
}

// TestScenariosByModels scores each model by itself.
func TestScenariosByModels(t *testing.T) {
	t.Parallel()
	llm := llmtest.NewServer(llmtest.Reply{Content: "I would rather not."})
	defer llm.Close()
	config := filepath.Join(t.TempDir(), "sidecar.yml")
	require.NoError(t, os.WriteFile(config,
		fmt.Appendf(nil, "advisor: {openai: {base_url: %q, model: m}}\n", llm.BaseURL()), 0o600))
	code, out, stderr := scored(t, "scenarios", "--config.file="+config, "--provider=openai", "--model=small",
		"--model=large", "--dir="+scenarioDir(t, bothMissed))
	require.Equal(t, exitFine, code, stderr)
	require.Less(t, strings.Index(out, "model small\n"), strings.Index(out, "model large\n"))
	require.Equal(t, 2, strings.Count(out, "\nhidden "))
	require.NotEmpty(t, llm.Requests())
}

func TestScenariosUsage(t *testing.T) {
	t.Parallel()
	code, _, stderr := scored(t, "scenarios", "--model=m")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "--model needs --provider=openai")
	code, _, stderr = scored(t, "scenarios", "--dir="+t.TempDir())
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "has no scenario")
}

// scored runs a command of the sidecar.
func scored(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, notes output
	code = run(t.Context(), args, &out, &notes)
	return code, out.String(), notes.String()
}

// The sample of docs/scenarios.md is what the command prints.
func TestTheSampleOfTheScenariosPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/scenarios.md")
	require.NoError(t, err)
	shown := regexp.MustCompile(`(?m)^archive-gzip .*$`).FindString(string(page))
	require.NotEmpty(t, shown)
	code, out, stderr := scored(t, "scenarios")
	require.Equal(t, exitFine, code, stderr)
	printed := regexp.MustCompile(`(?m)^archive-gzip .*$`).FindString(out)
	words := strings.Fields(strings.TrimSuffix(shown, "…"))
	require.Equal(t, words, strings.Fields(printed)[:len(words)])
}
