package flink_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

func TestMetricsInterval(t *testing.T) {
	for text, want := range map[string]string{
		"": "10s", "0": "0s", "10000": "10s", "10 s": "10s", "1 min": "1m0s", "'500ms'": "500ms",
	} {
		got, known := flink.Settings{"metrics.fetcher.update-interval": text}.MetricsInterval()
		require.True(t, known, text)
		require.Equal(t, want, got.String(), text)
	}
	_, known := flink.Settings{"metrics.fetcher.update-interval": "soon"}.MetricsInterval()
	require.False(t, known)
	got, known := flink.Settings{}.MetricsInterval()
	require.True(t, known)
	require.Equal(t, "10s", got.String())
}
