package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChangesNamesTheKeys(t *testing.T) {
	t.Parallel()
	read := func(text string) Config {
		t.Helper()
		file := filepath.Join(t.TempDir(), "sidecar.yml")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		cfg, err := Load(file, Overrides{})
		require.NoError(t, err)
		return cfg
	}
	const flink = "flink: {url: 'http://a:8081', http: {basic_auth: {username: u, password: "
	before := read(flink + "secret1}}}\nadvisor: {focus: one}\nnotify: {alertmanager: {urls: ['http://a']}}\n")
	require.Empty(t, Changes(before, before))
	after := read(flink + "secret2}}}\nadvisor: {focus: two, max_evidence: 50}\ngrafana: {url: 'http://g'}\n" +
		"notify: {alertmanager: {urls: ['http://a', 'http://b'], repeat: 2m}}\nalerts: {rules: [{name: restarts, threshold: 9}]}\n")
	require.Equal(t, []string{
		"flink.http.basic_auth.password", "alerts.rules", "advisor.max_evidence", "advisor.focus", "grafana",
		"notify.alertmanager.urls", "notify.alertmanager.repeat",
	}, Changes(before, after))

	require.True(t, Under("grafana.keep", "advisor", "grafana"))
	require.True(t, Under("grafana", "grafana"))
	require.False(t, Under("grafana", "grafana.keep"))
	require.False(t, Under("grafanas.keep", "grafana"))
}
