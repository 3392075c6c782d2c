package collector

import (
	"slices"
	"strconv"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// toldSettings are the settings whose values are told when they change, by source and key. They
// are numbers, times and words of Flink's, so that none of them can be a secret. Of all others
// only the key is told.
var toldSettings = func() (told []string) {
	for _, key := range []string{
		"execution.buffer-timeout.interval",
		"execution.checkpointing.incremental",
		"execution.checkpointing.interval",
		"execution.checkpointing.max-concurrent-checkpoints",
		"execution.checkpointing.min-pause",
		"execution.checkpointing.mode",
		"execution.checkpointing.timeout",
		"execution.checkpointing.unaligned.enabled",
		"execution.runtime-mode",
		"jobmanager.scheduler",
		"pipeline.max-parallelism",
		"pipeline.object-reuse",
		"restart-strategy.type",
		"state.backend.incremental",
		"state.backend.type",
		"table.exec.mini-batch.enabled",
		"table.exec.state.ttl",
		"taskmanager.network.memory.buffer-debloat.enabled",
	} {
		told = append(told, "cluster "+key)
	}
	for _, key := range []string{
		"interval", "max_concurrent", "min_pause", "mode", "state_backend", "timeout", "tolerable_failed_checkpoints",
		"unaligned_checkpoints",
	} {
		told = append(told, "checkpoints "+key)
	}
	return append(told, "job execution-config.object-reuse-mode")
}()

// inMilliseconds are those that Flink's REST API gives as a number of milliseconds.
var inMilliseconds = []string{"checkpoints interval", "checkpoints min_pause", "checkpoints timeout"}

// maxToldValue bounds a value that is told, in characters.
const maxToldValue = 60

// keepTold keeps the value of a setting that is told.
func (s *settings) keepTold(name, value string) {
	if !slices.Contains(toldSettings, name) {
		return
	}
	if ms, err := strconv.ParseInt(value, 10, 64); err == nil && ms < 1e12 && slices.Contains(inMilliseconds, name) {
		value = (time.Duration(ms) * time.Millisecond).String()
	}
	s.told[name] = plaintext.Line(value, maxToldValue)
}

// withValues adds the values of settings that are told to changes. The values of before are
// those that this process has seen; nil if it has seen none, as after a restart.
func withValues(changes []episode.Change, before, now map[string]string) []episode.Change {
	if before == nil {
		return changes
	}
	for i := range changes {
		c := &changes[i]
		if slices.Contains(toldSettings, c.What) && before[c.What] != now[c.What] {
			c.From, c.To = before[c.What], now[c.What]
		}
	}
	return changes
}
