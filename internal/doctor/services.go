package doctor

import (
	"context"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
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
