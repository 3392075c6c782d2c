package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWebhookTokenWithPasswordsIsAFault: no request can send both.
func TestWebhookTokenWithPasswordsIsAFault(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "web.yml")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	const token = "flink: {url: 'http://f:8081'}\nalerts: {webhook: {token_file: /t}}\n"
	for name, test := range map[string]struct {
		web  string
		want []string
	}{
		"passwords": {"web: {config_file: " + write("basic_auth_users: {alice: x}") + "}", []string{
			"F:2: alerts.webhook.token_file: no request can have this token and a password of web.config_file, " +
				"which has basic_auth_users " +
				"(remove it and give Alertmanager a user in http_config.basic_auth, or use client certificates " +
				"instead of basic_auth_users)",
		}},
		"certificates": {"web: {config_file: " +
			write("tls_server_config: {client_auth_type: RequireAndVerifyClientCert}") + "}", nil},
		"a file elsewhere": {"web: {config_file: /gone}", nil},
		"no file":          {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := checkFile(t, token+test.web+"\n")
			require.Equal(t, test.want, faults)
		})
	}
}
