package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCommandsOfAGuardedSidecar go through one that wants TLS and a password, found
// by its history or by its address.
func TestCommandsOfAGuardedSidecar(t *testing.T) {
	t.Parallel()
	web := webConfig(t, true)
	sc := startSidecar(t, "--flink.url=http://127.0.0.1:1", "--web.config.file="+web)
	dir := t.TempDir()
	password := filepath.Join(dir, "password")
	require.NoError(t, os.WriteFile(password, []byte("wonderland\n"), 0o600))
	client := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path,
			[]byte("flink: {url: \"http://127.0.0.1:1\"}\nweb: {client: {"+text+"}}\n"), 0o600))
		return "--config.file=" + path
	}
	trusted := fmt.Sprintf("tls_config: {ca_file: %q}", filepath.Join(filepath.Dir(web), "cert.pem"))
	known := client("known.yml", trusted+fmt.Sprintf(", basic_auth: {username: alice, password_file: %q}", password))
	ask := func(args ...string) (code int, stdout, stderr string) {
		var out, problems bytes.Buffer
		code = run(t.Context(), args, &out, &problems)
		return code, out.String(), problems.String()
	}

	code, stdout, stderr := ask("pause", "profiling", known, "--history.path="+sc.history)
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, "paused: profiling\n", stdout)
	require.Contains(t, stderr, "pause goes through the running sidecar at "+sc.url)
	code, stdout, stderr = ask("resume", known, "--sidecar.url="+sc.url, "--history.path=elsewhere.db")
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, "paused: nothing\n", stdout)
	code, _, stderr = ask("history", "list", known, "--sidecar.url="+sc.url)
	require.Equal(t, exitFine, code, stderr)

	code, _, stderr = ask("history", "list", client("stranger.yml", trusted), "--history.path="+sc.history)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "asks for a password (set web.client.basic_auth")
	code, _, stderr = ask("history", "list", "--history.path="+sc.history)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "(set web.client.tls_config.ca_file")
}
