package notify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// status serves a configuration as Alertmanager shows it: from 0.26 on, without the addresses of
// webhooks.
func status(t *testing.T, text string, shows bool) *httptest.Server {
	t.Helper()
	if !shows {
		text = regexp.MustCompile(`url: ("[^"]*"|[^\s,}\]]+)`).ReplaceAllString(text, "url: <secret>")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/am/api/v2/status" {
			http.NotFound(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"config": map[string]string{"original": text}, "versionInfo": map[string]string{"version": "0.28.1"},
		})
	}))
	t.Cleanup(server.Close)
	return server
}

func examined(t *testing.T, text string, shows bool, webhook Webhook) check.Result {
	t.Helper()
	found := Check(t.Context(), OneMember(status(t, text, shows).URL+"/am/"), "--alertmanager.url", webhook)
	require.Len(t, found, 2)
	require.Equal(t, check.OK, found[0].State, found[0].Says)
	require.Equal(t, "alertmanager.webhook", found[1].Check)
	return found[1]
}

var ours = Webhook{URL: "http://sidecar:8642" + WebhookPath, TokenFile: "/etc/token"}

func TestWhetherAlertmanagerSendsToUs(t *testing.T) {
	hook := "webhook_configs: [{url: \"http://sidecar:8642/alertmanager/webhook\"}]"
	for _, tc := range []struct {
		name, text string
		shows      bool
		want       check.State
		says       string
	}{
		{"nobody has a webhook", "route: {receiver: pager}\nreceivers: [{name: pager}]", true, check.Warning, "no receiver"},
		{"it shows our address", "route: {receiver: x}\nreceivers: [{name: x, " + hook + "}]", true, check.OK, `"x" sends to the`},
		{
			"hidden, with our name", "route: {receiver: p, routes: [{receiver: ns/flink-sidecar/flink-sidecar}]}\n" +
				"receivers: [{name: p}, {name: ns/flink-sidecar/flink-sidecar, " + hook + "}]", false, check.OK, "by its name",
		},
		{
			"in a file", "route: {receiver: flink-sidecar}\nreceivers: [{name: flink-sidecar, webhook_configs: [{url_file: /u}]}]",
			true, check.OK, "by its name",
		},
		{"hidden, with another name", "route: {receiver: x}\nreceivers: [{name: x, " + hook + "}]", false, check.Unknown, "hides"},
		{
			"no route", "route: {receiver: p}\nreceivers: [{name: p}, {name: flink-sidecar, " + hook + "}]", false,
			check.Warning, "no route leads to it",
		},
		{
			"another webhook", "route: {receiver: x}\nreceivers: [{name: x, webhook_configs: [{url: \"http://chat/a\"}]}]", true,
			check.Warning, "no receiver",
		},
		{"not to be read", "route: [", true, check.Unknown, "cannot be read"},
	} {
		got := examined(t, tc.text, tc.shows, ours)
		require.Equal(t, tc.want, got.State, tc.name)
		require.Contains(t, got.Says, tc.says, tc.name)
	}
}

// An alert that came is a proof where the address is hidden.
func TestAnAlertThatCameIsAProof(t *testing.T) {
	came := ours
	came.Arrived = time.Date(2026, 11, 1, 10, 45, 0, 0, time.UTC)
	text := "route: {receiver: x}\nreceivers: [{name: x, webhook_configs: [{url: \"http://a/b\"}]}]"
	got := examined(t, text, false, came)
	require.Equal(t, check.OK, got.State)
	require.Contains(t, got.Says, "2026-11-01T10:45:00Z")
	require.Equal(t, check.Warning, examined(t, "route: {receiver: x}\nreceivers: [{name: x}]", false, came).State,
		"it came from another Alertmanager")
}

// Each line is pasted at the place that it names: two lines later the alerts come, with the token.
func TestTheLinesRepairAlertmanager(t *testing.T) {
	text := "route:\n  receiver: pager\n  routes:\n  - {receiver: pager}\nreceivers:\n- {name: pager}\n"
	got := examined(t, text, false, ours)
	require.Equal(t, inReceivers, got.Fix.In)
	text = strings.Replace(text, "receivers:\n", "receivers:\n"+got.Fix.Line+"\n", 1)
	got = examined(t, text, false, ours)
	require.Equal(t, inRoutes, got.Fix.In)
	text = strings.Replace(text, "routes:\n", "routes:\n  "+got.Fix.Line+"\n", 1)
	got = examined(t, text, false, ours)
	require.Equal(t, check.OK, got.State, got.Says)

	var all map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &all))
	require.Contains(t, fmt.Sprint(all["receivers"]), "credentials_file:/etc/token")
	require.Contains(t, fmt.Sprint(all["receivers"]), ours.URL)
}
