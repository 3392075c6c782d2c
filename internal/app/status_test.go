package app

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// TestStatusHasTheGraph: the vertices of a job name those that send them records.
func TestStatusHasTheGraph(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	a, err := New(t.Context(), load(t, "flink: {url: '"+server.URL+"', cluster: prod}\n"), Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	require.NoError(t, a.clusters[0].Poll(t.Context()))
	vertices := a.status().Jobs[0].Vertices
	require.Empty(t, vertices[0].Inputs)
	require.Equal(t, []string{vertices[0].ID}, vertices[1].Inputs)
}
