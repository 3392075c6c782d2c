package config

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor"
)

// Summary says in one line what a valid configuration switches on.
func (c *Config) Summary() string {
	parts := []string{
		counted(len(c.Flink.All()), "Flink cluster"), counted(len(c.Sinks), "sink"), c.probeSummary(),
		counted(len(c.Alerts.EffectiveRules()), "trend rule"), "profiles on request only", "advice by rules",
	}
	if c.Profiling.OnAlert {
		parts[4] = "profiles on alerts"
	}
	if c.Advisor.Provider != advisor.ProviderNone {
		parts[5] = "advice by rules and an LLM"
	}
	if c.Grafana != nil {
		parts = append(parts, "annotations in Grafana")
	}
	return strings.Join(append(parts, "history in "+c.History.Path), ", ")
}

func (c *Config) probeSummary() string {
	if c.Probe == nil {
		return "no probe"
	}
	return fmt.Sprintf("1 probe (job %q, topic %s)", c.Probe.Job, c.Probe.Topic)
}

// counted is a number with its noun; none is "no".
func counted(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
