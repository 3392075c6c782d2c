package collector

import (
	"slices"
	"strconv"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// shownSettings are the settings whose values an epoch shows when they change, by source and
// key. They are numbers, times and words of Flink's, so that none of them can be a secret. Of all
// others an epoch shows the key only.
var shownSettings = func() (shown []string) {
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
		shown = append(shown, "cluster "+key)
	}
	for _, key := range []string{
		"interval", "max_concurrent", "min_pause", "mode", "state_backend", "timeout", "tolerable_failed_checkpoints",
		"unaligned_checkpoints",
	} {
		shown = append(shown, "checkpoints "+key)
	}
	return append(shown, "job execution-config.object-reuse-mode")
}()

// inMilliseconds are those that Flink's REST API gives as a number of milliseconds.
var inMilliseconds = []string{"checkpoints interval", "checkpoints min_pause", "checkpoints timeout"}

// maxShownValue bounds a value that is shown, in characters.
const maxShownValue = 60

// keepShown keeps the value of a setting of shownSettings.
func (s *settings) keepShown(name, value string) {
	if !slices.Contains(shownSettings, name) {
		return
	}
	if ms, err := strconv.ParseInt(value, 10, 64); err == nil && ms < 1e12 && slices.Contains(inMilliseconds, name) {
		value = (time.Duration(ms) * time.Millisecond).String()
	}
	s.shown[name] = plaintext.Line(value, maxShownValue)
}

// withValues adds the values of shownSettings to changes. The values of before are
// those that this process has seen; nil if it has seen none, as after a restart.
func withValues(changes []episode.Change, before, now map[string]string) []episode.Change {
	if before == nil {
		return changes
	}
	for i := range changes {
		c := &changes[i]
		if slices.Contains(shownSettings, c.What) && before[c.What] != now[c.What] {
			c.From, c.To = before[c.What], now[c.What]
		}
	}
	return changes
}
