package outcome_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

func TestTodaysInput(t *testing.T) {
	var measured []episode.Measurement
	for n := range 100 {
		rate := float64(n + 1)
		measured = append(measured, episode.Measurement{Throughput: &rate})
	}
	measured = append(measured, episode.Measurement{}) // one without a known rate
	rate, known := outcome.Input(measured)
	require.True(t, known)
	require.InDelta(t, 95.05, rate, 1e-9)
	_, known = outcome.Input(measured[:19])
	require.False(t, known)
	_, known = outcome.Input(nil)
	require.False(t, known)
}
