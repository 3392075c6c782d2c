package episode_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestBetweenEpochs: good profiles of one vertex and mode, the newest of each side.
func TestBetweenEpochs(t *testing.T) {
	one := func(id, epoch, vertex, mode, grade string) episode.Episode {
		return episode.Episode{
			ID: id, EpochKey: epoch, Target: &episode.Target{Vertex: vertex},
			Profiles: []episode.Profile{{ID: id, Mode: mode, Grade: grade}},
		}
	}
	all := []episode.Episode{
		one("9", "new", "v", "ITIMER", "poor"),
		one("8", "new", "v", "ITIMER", "good"),
		one("7", "other", "v", "ITIMER", "good"),
		one("6", "old", "w", "ITIMER", "good"),
		one("5", "old", "v", "ALLOC", "good"),
		one("4", "old", "v", "ITIMER", "bad"),
		one("3", "old", "v", "ITIMER", "good"),
		one("2", "old", "v", "ITIMER", "good"),
	}
	before, after, ok := episode.BetweenEpochs(all, []string{"old"}, []string{"new"})
	require.True(t, ok)
	require.Equal(t, "3", before.ID)
	require.Equal(t, "8", after.ID)
	_, _, ok = episode.BetweenEpochs(all, []string{"none"}, []string{"new"})
	require.False(t, ok)
	_, _, ok = episode.BetweenEpochs(all, nil, []string{""})
	require.False(t, ok)
}
