package doctor

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
)

// The Alertmanager to which the sidecar sends is asked without a flag, with the password of the
// configuration. Its answer hides addresses, as that of Alertmanager from 0.26 on.
func TestTheAlertmanagerOfTheConfigurationIsAsked(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "hunter2" {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"config": map[string]string{"original": "route: {receiver: flink-sidecar}\nreceivers:\n" +
				"- {name: flink-sidecar, webhook_configs: [{url: <secret>}]}\n"},
			"versionInfo": map[string]string{"version": "0.28.1"},
		})
	}))
	defer server.Close()
	file := t.TempDir() + "/sidecar.yml"
	write := func(password string) {
		require.NoError(t, os.WriteFile(file, []byte(`
flink: {url: "http://127.0.0.1:1"}
notify: {alertmanager: {urls: ["`+server.URL+`"], http: {basic_auth: {username: u, password: `+password+`}}}}
`), 0o600))
	}
	examine := func() []check.Result {
		cfg, err := config.Load(file, config.Overrides{})
		require.NoError(t, err)
		d := doctor{cfg: cfg}
		return d.alertmanager(t.Context())
	}
	write("hunter2")
	found := examine()
	require.Len(t, found, 2)
	require.Equal(t, check.OK, found[0].State, found[0].Says)
	require.Equal(t, check.OK, found[1].State, found[1].Says)
	write("wrong")
	require.Contains(t, examine()[0].Says, "(correct notify.alertmanager.http)")
	server.Close()
	require.Contains(t, examine()[0].Says, "(start it, or correct notify.alertmanager.urls)")
}

// What Alertmanager is told is the address by which others reach the sidecar.
func TestOurOwnWebhook(t *testing.T) {
	host, err := os.Hostname()
	require.NoError(t, err)
	for _, tc := range []struct{ listen, external, want string }{
		{"127.0.0.1:8642", "", "http://127.0.0.1:8642"},
		{"0.0.0.0:8642", "", "http://" + host + ":8642"},
		{":8642", "", "http://" + host + ":8642"},
		{"[::]:8642", "", "http://" + host + ":8642"},
		{"0.0.0.0:8642", "https://sidecar.example/flink/", "https://sidecar.example/flink"},
	} {
		d := doctor{}
		d.cfg.Web.ListenAddress, d.cfg.Web.ExternalURL = tc.listen, tc.external
		require.Equal(t, tc.want+notify.WebhookPath, d.webhook().URL)
	}
}
