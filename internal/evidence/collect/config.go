package collect

import (
	"context"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// settingsPrefixes are the keys of Flink's configuration that rules and people judge a job
// by. Every other key stays in Flink: addresses, paths of files and keys to other systems
// are no evidence.
func settingsPrefixes() []string {
	return []string{
		"execution.", "state.", "taskmanager.memory.", "taskmanager.network.", "taskmanager.numberOfTaskSlots",
		"parallelism.", "pipeline.", "restart-strategy", "table.exec.", "security.ssl.internal.enabled",
		"jobmanager.scheduler", "rest.flamegraph.enabled", "object-reuse-mode", "job-parallelism",
	}
}

// Of what a job publishes itself, the keys with these words tell how it calls other systems.
func userWords() []string {
	return []string{
		"linger", "batch", "bulk", "flush", "async", "lookup", "compression", "ttl", "capacity", "delivery",
	}
}

// userConfig is Flink's prefix of the parameters that a job publishes.
const userConfig = "user-config."

// longestSetting bounds a value in bytes: longer ones are texts and not settings.
const longestSetting = 120

// config returns the settings of a job and of its cluster; those of the job come first.
func (g *Gatherer) config(ctx context.Context, c Cluster, job string) (map[string]string, error) {
	return once(ctx, &g.asked, c.State, job+": settings", func() (map[string]string, error) {
		cluster, err := c.Flink.JobManagerConfig(ctx)
		if err != nil {
			return nil, err
		}
		ofJob, err := c.Flink.JobConfig(ctx, job)
		if err != nil {
			return nil, err
		}
		out := map[string]string{}
		for _, settings := range []flink.Settings{cluster, ofJob} {
			for key, value := range settings {
				if isEvidence(key, value) {
					out[strings.TrimPrefix(key, userConfig)] = value
				}
			}
		}
		return out, nil
	})
}

// isEvidence reports whether a setting is one that a job is judged by. Places of files and
// addresses are not.
func isEvidence(key, value string) bool {
	if len(value) > longestSetting || strings.Contains(value, "://") {
		return false
	}
	if own, ok := strings.CutPrefix(key, userConfig); ok {
		return containsAny(strings.ToLower(own), userWords())
	}
	for _, prefix := range settingsPrefixes() {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

func containsAny(text string, words []string) bool {
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
