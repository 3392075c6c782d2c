package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// flames are real pages of Flink's profiler.
const flames = "../../internal/flame/testdata/flink/"

func TestExitCodes(t *testing.T) {
	for args, want := range map[string]int{
		"":                               exitUsage,
		"--help":                         exitFine,
		"version":                        exitFine,
		"history":                        exitUsage,
		"history list --limit=many":      exitUsage,
		"probe --help":                   exitFine,
		"init":                           exitUsage, // --flink.url is required
		"init --flink.url=ftp://x":       exitUsage,
		"scaletest":                      exitUsage,
		"rules backtest FILE":            exitUsage,
		"check config /no/such/file":     exitFailed,
		"check config ../../sidecar.yml": exitFine,
		"run --config.file=/no/such":     exitFailed,
		"run --frobnicate":               exitUsage,
		"history list --history.path=/no/such/history.db": exitFailed,
		"profile convert": exitUsage,
		"profile convert " + flames + "flink-2.3.0-jm-ITIMER.html": exitUsage,
		// --to is required
		"profile convert " + flames + "flink-2.3.0-jm-ITIMER.html --to=svg":               exitUsage,
		"profile convert " + flames + "flink-2.3.0-jm-ITIMER.html --to=table --mode=x":    exitUsage,
		"profile convert " + flames + "flink-2.3.0-jm-ITIMER.html --to=table --mode=wall": exitFine,
		"profile convert /no/such.html --to=table":                                        exitFailed,
		"profile convert main.go --to=table":                                              exitFailed,
		"profile diff " + flames + "flink-2.3.0-jm-ITIMER.html":                           exitUsage,
		"profile diff main.go main.go":                                                    exitFailed,
		"profile diff - -":                                                                exitUsage,
	} {
		var stderr output
		require.Equal(t, want, run(t.Context(), strings.Fields(args), io.Discard, &stderr), "sidecar %s: %s", args,
			&stderr)
	}
}

func TestEveryPlannedCommandHasHelpAndSaysNotYet(t *testing.T) {
	for _, p := range planned {
		words := strings.Fields(p.name)
		var stdout, stderr output
		require.Equal(t, exitFine, run(t.Context(), append(words, "--help"), &stdout, &stderr), p.name)
		require.Contains(t, strings.Join(strings.Fields(stdout.String()), " "), p.help)
		require.Empty(t, stderr.String())

		require.Equal(t, exitUsage, run(t.Context(), append(words, "--some=flag"), &stdout, &stderr), p.name)
		require.Contains(t, stderr.String(), "not yet: "+p.name)
	}
}

// The output of init must be valid without changes, with any name of the cluster.
func TestInitWritesAValidConfiguration(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	path := filepath.Join(t.TempDir(), "sidecar.yml")
	var stdout, stderr output
	require.Equal(t, exitFine, run(t.Context(), []string{"init", "--flink.url=" + server.URL, "--output=" + path},
		&stdout, &stderr), &stderr)
	require.Empty(t, stdout.String())
	require.Equal(t, exitFine, run(t.Context(), []string{"check", "config", path}, &stdout, &stderr), &stdout)

	written, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(written), "#   orders enrichment\n#     reads topic orders (4 partitions)")
	require.Contains(t, string(written), `#   job: "orders enrichment"`)
	require.Contains(t, string(written), `"seed": "{{.Seed}}"`)

	require.Equal(t, exitFailed, run(t.Context(), []string{"init", "--flink.url=" + server.URL, "--output=" + path},
		&stdout, &stderr))
	require.Contains(t, stderr.String(), "exists, and init never overwrites a file")
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, written, again)
}

// A user only removes the comment signs; the result must be valid too.
func TestInitWithoutCommentSignsIsValid(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	var stdout, stderr output
	require.Equal(t, exitFine, run(t.Context(), []string{"init", "--flink.url=" + server.URL, "--output=-"}, &stdout,
		&stderr), &stderr)
	head, probe, found := strings.Cut(stdout.String(), "# kafka:\n")
	require.True(t, found)
	text := head + strings.ReplaceAll("# kafka:\n"+probe, "\n# ", "\n")
	text = strings.ReplaceAll(strings.Replace(text, "# kafka:", "kafka:", 1), "\n#\n", "\n\n")
	text = strings.ReplaceAll(text, "WHERE-THE-JOB-WRITES", "out")

	path := filepath.Join(t.TempDir(), "sidecar.yml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	var faults output
	require.Equal(t, exitFine, run(t.Context(), []string{"check", "config", path}, &faults, &stderr), "%s\n%s",
		&faults, text)
}

func TestInitSaysWhatAnswersIsNotFlink(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	server.Break(flinktest.HTML)
	var stdout, stderr output
	require.Equal(t, exitFailed, run(t.Context(), []string{"init", "--flink.url=" + server.URL, "--output=-"},
		&stdout, &stderr))
	require.Contains(t, stderr.String(), "is not Flink")
	require.Empty(t, stdout.String())
}
