package episode_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// profiled is an episode of an epoch with a profile of a vertex.
func profiled(n int, epoch, vertex, mode, grade string) episode.Episode {
	return episode.Episode{
		EpochKey: epoch, Target: &episode.Target{VertexName: vertex},
		Profiles: []episode.Profile{{Hash: fmt.Sprint(n), Mode: mode, Grade: grade}},
	}
}

// TestInEpochs takes the vertex and the mode with most profiles on both sides, each profile once,
// and only good ones.
func TestInEpochs(t *testing.T) {
	episodes := []episode.Episode{
		profiled(1, "new", "Map", "ITIMER", "good"),
		profiled(2, "new", "Map", "ITIMER", "good"),
		profiled(2, "new", "Map", "ITIMER", "good"),
		profiled(3, "new", "Sink", "ITIMER", "good"),
		profiled(4, "old", "Map", "ITIMER", "good"),
		profiled(5, "old", "Map", "ITIMER", "poor"),
		profiled(6, "old", "Map", "ALLOC", "good"),
		profiled(7, "old", "Map", "VERTEX", "good"),
		profiled(8, "older", "Map", "ITIMER", "good"),
		profiled(9, "", "Map", "ITIMER", "good"),
	}
	episodes[0].Profiles = append(episodes[0].Profiles, episode.Profile{
		Hash: "control", Mode: "ITIMER", Grade: "good", Role: episode.Control,
	})
	of, before, after := episode.InEpochs(episodes, "old", "new")
	require.Equal(t, episode.Profiled{Vertex: "Map", Mode: "ITIMER"}, of)
	require.Len(t, before, 1)
	require.Equal(t, "4", before[0].Hash)
	require.Len(t, after, 2)
	_, before, after = episode.InEpochs(episodes, "none", "")
	require.Empty(t, before)
	require.Empty(t, after)
}
