package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
)

// grafana checks the server and the token, if one is configured.
func (d *doctor) grafana(ctx context.Context) []check.Result {
	if d.cfg.Grafana == nil {
		return nil
	}
	return grafana.Check(ctx, *d.cfg.Grafana)
}

// llm checks the server, the model and whether a JSON schema is enforced. It costs a request.
func (d *doctor) llm(ctx context.Context) []check.Result {
	if d.cfg.Advisor.Provider != advisor.ProviderOpenAI || d.options.Running {
		return nil
	}
	client, err := llm.NewOpenAI(d.cfg.Advisor.OpenAI)
	if err != nil {
		return []check.Result{{Check: "llm.connection", State: check.Warning, Says: err.Error()}}
	}
	return client.Check(ctx)
}

// webhookPath is where the sidecar takes alerts.
const webhookPath = "/alertmanager/webhook"

// maxStatus bounds the answer of Alertmanager, in bytes: it holds its configuration.
const maxStatus = 4 << 20

// alertmanager checks that Alertmanager sends its alerts here.
func (d *doctor) alertmanager(ctx context.Context) []check.Result {
	address := strings.TrimRight(d.options.Alertmanager, "/")
	if address == "" {
		return nil
	}
	found := &check.Results{Area: "alertmanager"}
	version, text, err := alertmanagerStatus(ctx, address)
	if err != nil {
		found.Add("connection", check.Warning, nil, "%v", err)
		return found.All
	}
	found.Add("connection", check.OK, nil, "Alertmanager %s at %s", version, address)
	if strings.Contains(text, webhookPath) {
		found.Add("webhook", check.OK, nil, "it has a receiver with the path %s", webhookPath)
		return found.All
	}
	line := fmt.Sprintf(`receivers: [{name: flink-sidecar, webhook_configs: [{url: "http://%s%s"}]}]`,
		d.cfg.Web.ListenAddress, webhookPath)
	found.Add("webhook", check.Warning, &check.Fix{In: "Alertmanager's configuration", Line: line},
		"no receiver sends to the sidecar, so its alerts open no episode (route what is about Flink to it)")
	return found.All
}

func alertmanagerStatus(ctx context.Context, address string) (version, text string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/api/v2/status", nil)
	if err != nil {
		return "", "", fmt.Errorf("alertmanager: %w (correct --alertmanager.url)", err)
	}
	response, err := (&http.Client{CheckRedirect: redirect.SameHost}).Do(request)
	if err != nil {
		return "", "", fmt.Errorf("alertmanager: %w (start it, or correct --alertmanager.url)", err)
	}
	defer response.Body.Close()
	var answer struct {
		Config      struct{ Original string }
		VersionInfo struct{ Version string }
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxStatus))
	if err == nil && response.StatusCode == http.StatusOK {
		err = json.Unmarshal(body, &answer)
	}
	if err != nil || answer.VersionInfo.Version == "" {
		return "", "", fmt.Errorf("alertmanager: %s answers %d, but not as Alertmanager does (correct --alertmanager.url)",
			address, response.StatusCode)
	}
	return answer.VersionInfo.Version, answer.Config.Original, nil
}
