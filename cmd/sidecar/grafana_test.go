package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGrafanaExportReadsTheConfiguration: a file that is named must be there, and links lead to the
// page that it names.
func TestGrafanaExportReadsTheConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "own.yml")
	require.NoError(t, os.WriteFile(config, []byte("web: {external_url: 'https://flink.example/sub/'}\n"), 0o600))
	for page, flags := range map[string][]string{
		`"http://127.0.0.1:8642"`:     nil,
		`"https://flink.example/sub"`: {"--config.file=" + config},
		`"https://other.example"`:     {"--config.file=" + config, "--external-url=https://other.example"},
	} {
		var stderr output
		to := t.TempDir()
		require.Equal(t, exitFine, run(t.Context(), append([]string{"grafana", "export", "--output=" + to}, flags...), io.Discard, &stderr),
			"%s", &stderr)
		board, err := os.ReadFile(filepath.Join(to, "dashboards", "job.json"))
		require.NoError(t, err)
		require.Contains(t, string(board), page)
	}
	var stderr output
	missing := []string{"grafana", "export", "--output=" + t.TempDir(), "--config.file=" + filepath.Join(dir, "missing.yml")}
	require.Equal(t, exitFailed, run(t.Context(), missing, io.Discard, &stderr))
	require.Contains(t, stderr.String(), "does not exist")
}

// TestGrafanaExportHasTheToken: Grafana sends the token that the webhook of this configuration asks for.
func TestGrafanaExportHasTheToken(t *testing.T) {
	t.Parallel()
	dir, to := t.TempDir(), t.TempDir()
	config := filepath.Join(dir, "own.yml")
	require.NoError(t, os.WriteFile(config, []byte("alerts: {webhook: {token_file: hook-token}}\n"), 0o600))
	var stderr output
	export := []string{"grafana", "export", "--output=" + to, "--config.file=" + config}
	require.Equal(t, exitFine, run(t.Context(), export, io.Discard, &stderr), "%s", &stderr)
	point, err := os.ReadFile(filepath.Join(to, "provisioning", "alerting", "flink-sidecar-contact-point.yaml"))
	require.NoError(t, err)
	require.Contains(t, string(point), `authorization_credentials: "$__file{`+filepath.Join(dir, "hook-token")+`}"`)
}
