package exposition

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestDepths(t *testing.T) {
	t.Parallel()
	graph := func(edges map[string][]string) (all []Vertex) {
		for _, id := range []string{"sink", "join", "map", "left", "right", "alone"} {
			all = append(all, Vertex{Vertex: snapshot.Vertex{ID: id, Inputs: edges[id]}})
		}
		return all
	}
	require.Equal(t, map[string]int{"left": 0, "right": 0, "alone": 0, "map": 1, "join": 2, "sink": 3}, depths(graph(map[string][]string{
		"sink": {"join"}, "join": {"right", "map"}, "map": {"left"}, "right": {"not there"},
	})))
	require.Len(t, depths(graph(map[string][]string{"map": {"join"}, "join": {"map"}})), 6, "a circle ends")
}
