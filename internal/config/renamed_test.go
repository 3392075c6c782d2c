package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// An old name means the same as the present one, and a warning says what to write.
func TestOldNamesOfKeysWorkWithAWarning(t *testing.T) {
	renamed["history.file"], renamed["sinks.kafka.queue"] = "path", "topic"
	defer clear(renamed)
	dir := t.TempDir()
	file := filepath.Join(dir, "sidecar.yml")
	write := func(text string) {
		require.NoError(t, os.WriteFile(file, []byte("flink: {url: 'http://jm:8081'}\nkafka: {brokers: ['k:9092']}\n"+text), 0o600))
	}
	write("history:\n  file: h.db\nsinks:\n  - {name: a, kafka: {queue: orders}}\n")
	cfg, err := Load(file, Overrides{})
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "h.db"), cfg.History.Path, "a path of the file, as under its present name")
	require.Equal(t, "orders", cfg.Sinks[0].Kafka.Topic)
	require.Equal(t, []string{
		file + ":4: history.file is deprecated and will be refused (write history.path)",
		file + ":6: sinks.kafka.queue is deprecated and will be refused (write sinks.kafka.topic)",
	}, cfg.Deprecated)

	write("history: {file: a.db, path: b.db}\n")
	_, err = Load(file, Overrides{})
	require.EqualError(t, err, file+":3: history.file: is the old name of path, which is here too (remove the old one)")

	write("history: {path: b.db}\n")
	cfg, err = Load(file, Overrides{})
	require.NoError(t, err)
	require.Empty(t, cfg.Deprecated)
}
