package app

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
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

func TestTargetsOfOneNameAreOne(t *testing.T) {
	t.Parallel()
	yes, no := new(true), new(false)
	for name, test := range map[string]struct {
		up   []*bool
		want *bool
	}{
		"one":                 {[]*bool{yes}, yes},
		"both":                {[]*bool{yes, yes}, yes},
		"one down":            {[]*bool{yes, no}, no},
		"down, then up":       {[]*bool{no, yes}, no},
		"one not asked yet":   {[]*bool{yes, nil}, nil},
		"not asked, then up":  {[]*bool{nil, yes}, nil},
		"not asked, one down": {[]*bool{nil, no, yes}, no},
	} {
		var targets []api.Target
		for _, up := range test.up {
			targets = append(targets, api.Target{Name: "flink", Up: up})
		}
		require.Equal(t, test.want, together(targets)["flink"], name)
	}
}
