package doctor

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
)

// Hint is a part that the configuration lacks.
type Hint struct {
	// Configure names the sections, with commas between them.
	Configure string `json:"configure"`
	// Adds says what the part adds.
	Adds string `json:"adds"`
	// Line is a command that writes a first configuration of it; empty if there is none.
	Line string `json:"line,omitempty"`
}

// Hints say what more configuration would add. The page shows the same ones.
func Hints(c *config.Config) []Hint {
	hints := []Hint{}
	if c.Probe == nil {
		hints = append(hints, probeHint(c))
	}
	if c.Probe != nil && c.Elasticsearch == nil {
		hints = append(hints, Hint{Configure: "elasticsearch, sinks", Adds: "the hops indexed and visible"})
	}
	if c.Grafana == nil {
		hints = append(hints, Hint{Configure: "grafana", Adds: "annotations on the graphs for each episode"})
	}
	if c.Notify == nil {
		hints = append(hints, Hint{Configure: "notify", Adds: "alerts of the trends in Alertmanager, until they end"})
	}
	if c.Advisor.Provider == advisor.ProviderNone {
		hints = append(hints, Hint{
			Configure: "advisor",
			Adds:      "findings of an LLM beside those of the rules, each claim checked against the evidence",
		})
	}
	return hints
}

// probeHint is about the probe, without which records are neither timed nor missed.
func probeHint(c *config.Config) Hint {
	return Hint{
		Configure: "kafka, sinks, probe",
		Adds:      "end-to-end latency per hop of synthetic records, and the outcome of each record",
		Line: fmt.Sprintf("sidecar init --flink.url=%s --sample --output=sidecar-probe.yml",
			check.Quoted(c.Flink.All()[0].URL)),
	}
}
