package alerts

import (
	"strings"

	"github.com/flink-sidecar/flink-sidecar/alerts/webhook"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// AlertName is the name of the alert of a rule. The webhook knows the sidecar's rules by its
// prefix.
func AlertName(rule string) string {
	var out strings.Builder
	out.WriteString(webhook.OwnRules)
	for word := range strings.SplitSeq(rule, "-") {
		if word != "" {
			out.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return out.String()
}

// Runbooks is the address of the runbooks of the sidecar's own alerts.
const Runbooks = "https://github.com/flink-sidecar/flink-sidecar/blob/main/docs/runbooks/"

// RunbookOf is the page about the alert of a shipped rule or of a trouble.
func RunbookOf(rule string) string { return Runbooks + AlertName(rule) + ".md" }

// pageOf is the page about a rule without a runbook of its own: that of the shipped rule of its
// name or on its signal.
func pageOf(name string, of snapshot.Signal) string {
	page := Runbooks + "README.md"
	for _, shipped := range shippedConfigs() {
		if shipped.Name == name {
			return RunbookOf(name)
		}
		if shipped.Signal == of {
			page = RunbookOf(shipped.Name)
		}
	}
	return page
}

// FixedAlerts are the alerts of sidecar rules that no trend rule makes. A rule of a
// configuration has another name.
func FixedAlerts() []string {
	return []string{
		"FlinkSidecarJobDown", "FlinkSidecarJobsAbsent", "FlinkSidecarCheckpointsAbsent", "FlinkSidecarSignalUnknown",
		"FlinkSidecarSustainableRate",
		"FlinkSidecarProbeBurnsFast", "FlinkSidecarProbeBurnsSlowly",
		"FlinkSidecarDown", "FlinkSidecarClusterUnwatched", "FlinkSidecarTargetDown", "FlinkSidecarMetricsFrozen",
		"FlinkSidecarEpisodesStuck", "FlinkSidecarHistoryInMemory", "FlinkSidecarHistoryUnwritable",
		"FlinkSidecarReloadFailed", "FlinkSidecarProfilesFail", "FlinkSidecarBudgetExhausted",
		"FlinkSidecarProbeStands",
	}
}
