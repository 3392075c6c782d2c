package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReplaceKeepsTheRestOfTheLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sidecar.yml")
	require.NoError(t, os.WriteFile(file, []byte(`flink: {url: "http://a:1", cluster: prod}  # ours
probe:
  job: 'order''s'  # name
  topic: orders
  template: |
    {}
sinks:
  - {name: a, kafka: {topic: out}}
`), 0o600))
	for _, tc := range []struct {
		path, value, line string
		number            int
	}{
		{"flink.url", "http://b:8081", `flink: {url: http://b:8081, cluster: prod}  # ours`, 1},
		{"probe.job", "orders: v2", `  job: "orders: v2"  # name`, 3},
		{"probe.topic", "orders.v2", `  topic: orders.v2`, 4},
		{"sinks[0].kafka.topic", "out-2", `  - {name: a, kafka: {topic: out-2}}`, 8},
	} {
		got, found := Replace(file, tc.path, tc.value)
		require.True(t, found, tc.path)
		require.Equal(t, Replacement{File: file, Number: tc.number, Line: tc.line}, got)
	}
	for _, path := range []string{"probe.template", "probe.cutoff", "web.listen_address", "sinks[7].name", "probe"} {
		_, found := Replace(file, path, "x")
		require.False(t, found, path)
	}
	_, found := Replace(filepath.Join(t.TempDir(), "none.yml"), "probe.job", "x")
	require.False(t, found)
}
