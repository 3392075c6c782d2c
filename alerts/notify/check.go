package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	commoncfg "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// WebhookPath is where the sidecar takes alerts.
const WebhookPath = "/alertmanager/webhook"

// Webhook is the sidecar's own webhook, as an Alertmanager should know it.
type Webhook struct {
	// URL is its address as others reach it.
	URL string
	// TokenFile is the sidecar's file of the token; empty if it asks for none.
	TokenFile string
	// Arrived is when an Alertmanager last sent alerts; zero if none did, or it is not known.
	Arrived time.Time
}

// maxStatus bounds the answer of Alertmanager, in bytes: it holds its configuration.
const maxStatus = 4 << 20

// Check asks each member whether it sends its alerts to the webhook. It changes nothing. The key is
// the setting that has the addresses, for messages.
func Check(ctx context.Context, cfg Alertmanager, key string, webhook Webhook) []check.Result {
	client, err := newClient(cfg)
	if err != nil {
		return []check.Result{{Check: "alertmanager.connection", State: check.Warning, Says: err.Error()}}
	}
	defer client.http.CloseIdleConnections()
	var all []check.Result
	for _, root := range cfg.URLs {
		found := &check.Results{Area: "alertmanager", Of: root}
		version, text, err := client.status(ctx, root, key)
		if err != nil {
			found.Add("connection", check.Warning, nil, "%v", err)
		} else {
			found.Add("connection", check.OK, nil, "Alertmanager %s answers", plaintext.Line(version, 32))
			webhook.judge(text, found)
		}
		all = append(all, found.All...)
	}
	return all
}

// OneMember is the configuration of an Alertmanager that asks for no password.
func OneMember(address string) Alertmanager {
	return Alertmanager{URLs: []string{address}, HTTP: commoncfg.DefaultHTTPClientConfig}
}

// statusTimeout bounds the question for the status.
const statusTimeout = 10 * time.Second

// status is the version of a member and its configuration as it shows it.
func (c *client) status(ctx context.Context, root, key string) (version, text string, err error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	address := strings.TrimRight(root, "/") + "/api/v2/status"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", "", fmt.Errorf("alertmanager: %w (correct %s)", err, key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return "", "", fmt.Errorf("alertmanager: %w (start it, or correct %s)", err, key)
	}
	defer response.Body.Close()
	var answer struct {
		Config      struct{ Original string }
		VersionInfo struct{ Version string }
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxStatus))
	switch {
	case response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden:
		return "", "", fmt.Errorf("alertmanager: it answers %d (%s)", response.StatusCode, hint(response.StatusCode))
	case err == nil && response.StatusCode == http.StatusOK:
		err = json.Unmarshal(body, &answer)
	}
	if err != nil || answer.VersionInfo.Version == "" {
		return "", "", fmt.Errorf("alertmanager: the server answers %d, but not as Alertmanager does (correct %s)",
			response.StatusCode, key)
	}
	return answer.VersionInfo.Version, answer.Config.Original, nil
}
