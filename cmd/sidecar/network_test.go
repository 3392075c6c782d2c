package main

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// otherAddress is an address of this machine that is not loopback.
func otherAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, address := range addresses {
		if ip, ok := address.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	t.Skip("this machine has no address besides loopback")
	return ""
}

// TestOpenToTheNetwork starts a sidecar on all addresses, as in a container, and comes by
// loopback and from outside.
func TestOpenToTheNetwork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config, token := filepath.Join(dir, "c.yml"), filepath.Join(dir, "token")
	require.NoError(t, os.WriteFile(token, []byte("sesame\n"), 0o600))
	require.NoError(t, os.WriteFile(config,
		[]byte("flink: {url: 'http://127.0.0.1:1'}\nalerts: {webhook: {token_file: token}}\n"), 0o600))
	sc := startSidecar(t, "--config.file="+config, "--web.listen-address=0.0.0.0:0")
	page, err := url.Parse(sc.url)
	require.NoError(t, err)
	outside := "http://" + net.JoinHostPort(otherAddress(t), page.Port())

	require.Eventually(t, func() bool {
		return strings.Contains(sc.stderr.String(), "THE SIDECAR IS OPEN TO THE NETWORK WITHOUT AUTHENTICATION")
	}, soon, 10*time.Millisecond)
	_, metrics := sc.get(t, "/metrics")
	require.Contains(t, metrics, "flink_sidecar_web_unprotected 1")
	_, html := sc.get(t, "/")
	require.Contains(t, html, "The sidecar is open to the network without authentication")
	_, status := sc.get(t, "/api/v1/status")
	require.Contains(t, status, `"warnings":[{"what":"The sidecar is open`)

	post := func(base, path, body string, header ...string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+path, strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		r.Close = true
		code, _ := answerOf(t, r)
		return code
	}
	require.Equal(t, http.StatusForbidden, post(outside, "/api/v1/pause", "{}"))
	require.Equal(t, http.StatusOK, post(sc.url, "/api/v1/pause", "{}"), "from this machine")
	const alert = `{"version":"4","alerts":[]}`
	require.Equal(t, http.StatusUnauthorized, post(outside, "/alertmanager/webhook", alert))
	require.Equal(t, http.StatusAccepted,
		post(outside, "/alertmanager/webhook", alert, "Authorization", "Bearer sesame"))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, outside+"/api/v1/status", nil)
	require.NoError(t, err)
	code, _ := answerOf(t, r)
	require.Equal(t, http.StatusOK, code, "reading works")
}

// TestATokenThatCanNeverMatchIsSaidAtStart, where --web.config.file has the passwords.
func TestATokenThatCanNeverMatchIsSaidAtStart(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "c.yml")
	require.NoError(t, os.WriteFile(config,
		[]byte("flink: {url: 'http://127.0.0.1:1'}\nalerts: {webhook: {token_file: token}}\n"), 0o600))
	history := filepath.Join(t.TempDir(), "h.db")
	var stderr output
	code := run(t.Context(), []string{
		"run", "--config.file=" + config, "--history.path=" + history,
		"--web.listen-address=127.0.0.1:0", "--web.config.file=" + webConfig(t, false),
	}, io.Discard, &stderr)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr.String(), "alerts.webhook.token_file: no request can have this token and a password")
	require.NoFileExists(t, history)
}
