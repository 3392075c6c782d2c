package bottleneck

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestSpread(t *testing.T) {
	// a and b join in c; d follows.
	job := func(a, b, c float64) []snapshot.Vertex {
		return []snapshot.Vertex{
			vertex("a", 0.1, a), vertex("b", 0.1, b), vertex("c", 0.2, c, "a", "b"), vertex("d", 1, 0.5, "c"),
		}
	}
	for name, test := range map[string]struct {
		vertices   []snapshot.Vertex
		bottleneck string
		want       float64
	}{
		"none limits":          {job(0.3, 0.3, 0.3), "", 0},
		"the next one waits":   {job(0, 0, 0.9), "d", 0.3},
		"the sources wait":     {job(1, 1, 1), "d", 1},
		"one branch":           {job(0, 0.9, 1), "c", 0.45},
		"the source limits":    {job(0, 0, 0), "a", 0},
		"unknown downstream":   {append(job(0, 0, 0.9), snapshot.Vertex{ID: "e", Inputs: []string{"d"}}), "d", 0.3},
		"not what it sends to": {job(0.5, 1, 1), "a", 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := Spread(test.vertices, test.bottleneck)
			require.NotNil(t, got)
			require.InDelta(t, test.want, *got, 1e-9)
		})
	}
}

func TestUnknownSpreadIsNotZero(t *testing.T) {
	require.Nil(t, Spread(nil, ""))
	require.Nil(t, Spread([]snapshot.Vertex{{ID: "a"}, vertex("b", 0.1, 0, "a")}, ""))
	require.Nil(t, Spread([]snapshot.Vertex{{ID: "a"}, vertex("b", 1, 0, "a")}, "b"))
}
