package app

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
)

// hints say what a configuration would add to what runs.
func hints(c *config.Config) []api.Hint {
	var hints []api.Hint
	if c.Probe == nil {
		hints = append(hints, api.Hint{
			Configure: "kafka, sinks, probe",
			Adds:      fmt.Sprintf("what a record feels on its way through a job, and the account of each (sidecar init --flink.url=%s writes a start)", c.Flink.All()[0].URL),
		})
	}
	if c.Probe != nil && c.Elasticsearch == nil {
		hints = append(hints, api.Hint{Configure: "elasticsearch, sinks", Adds: "the hops indexed and visible"})
	}
	if c.Grafana == nil {
		hints = append(hints, api.Hint{Configure: "grafana", Adds: "annotations on the graphs for each episode"})
	}
	if c.Advisor.Provider == advisor.ProviderNone {
		hints = append(hints, api.Hint{Configure: "advisor", Adds: "what an LLM adds to the rules' findings, each claim checked against the evidence"})
	}
	return hints
}
