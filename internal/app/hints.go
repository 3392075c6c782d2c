package app

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
)

// hints say what more configuration would add.
func hints(c *config.Config) []api.Hint {
	var hints []api.Hint
	if c.Probe == nil {
		hints = append(hints, api.Hint{
			Configure: "kafka, sinks, probe",
			Adds: fmt.Sprintf("end-to-end latency per hop of synthetic records, and the outcome of each "+
				"record (sidecar init --flink.url=%s writes a first configuration)", c.Flink.All()[0].URL),
		})
	}
	if c.Probe != nil && c.Elasticsearch == nil {
		hints = append(hints, api.Hint{Configure: "elasticsearch, sinks", Adds: "the hops indexed and visible"})
	}
	if c.Grafana == nil {
		hints = append(hints, api.Hint{Configure: "grafana", Adds: "annotations on the graphs for each episode"})
	}
	if c.Notify == nil {
		hints = append(hints, api.Hint{Configure: "notify", Adds: "alerts of the trends in Alertmanager, until they end"})
	}
	if c.Advisor.Provider == advisor.ProviderNone {
		hints = append(hints, api.Hint{
			Configure: "advisor",
			Adds:      "findings of an LLM beside those of the rules, each claim checked against the evidence",
		})
	}
	return hints
}
