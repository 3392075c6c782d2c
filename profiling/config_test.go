package profiling

import (
	"testing"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

func TestConfig(t *testing.T) {
	sound := DefaultConfig()
	require.Empty(t, sound.Validate())

	read := DefaultConfig()
	require.NoError(t, yaml.Unmarshal([]byte("on_alert: false\nmodes: [ALLOC, ITIMER]\nduration: 10s\ncooldown: "+
		"5m\nper_day: 3\nkeep: 7d\nkeep_size: 64MiB\n"), &read))
	require.Empty(t, read.Validate())
	require.Equal(t, Config{
		Modes: []flame.Mode{"ALLOC", "ITIMER"}, Duration: model.Duration(10 * time.Second),
		CoolDown: model.Duration(5 * time.Minute), PerDay: 3,
		Keep: model.Duration(7 * day), KeepSize: 64 * units.MiB,
	}, read)
}

func TestConfigFaults(t *testing.T) {
	for text, message := range map[string]string{
		"modes: []":       "modes: no mode (name at least ITIMER, or set on_alert: false)",
		"modes: [cycles]": `modes: "cycles" is not a profiling mode (use ITIMER, CPU, ALLOC, LOCK or WALL)`,
		"modes: [itimer]": `modes: "itimer" is not a profiling mode (use ITIMER, CPU, ALLOC, LOCK or WALL)`,
		"duration: 500ms": "duration: 500ms is below 1s (raise it)",
		"duration: 6m": "duration: 6m0s is above 5m (lower it: Flink's rest.profiling.duration-max is 5 min " +
			"by default)",
		"duration: 1500ms": "duration: 1.5s has a part of a second (Flink takes whole seconds)",
		"cooldown: 2d":     "cooldown: 48h0m0s is out of range (use 0s for none and at most 1d)",
		"per_day: -1":      "per_day: -1 is negative (use 0 for none)",
		"keep: 10m":        "keep: 10m0s is out of range (use 0s to keep pages for ever, and at least 1h)",
		"keep_size: -1MiB": "keep_size: -1MiB is negative (use 0B for no bound)",
	} {
		cfg := DefaultConfig()
		require.NoError(t, yaml.Unmarshal([]byte(text), &cfg))
		faults := cfg.Validate()
		require.Len(t, faults, 1, text)
		require.EqualError(t, faults[0], message)
	}
}
