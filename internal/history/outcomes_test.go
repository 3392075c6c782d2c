package history

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestOutcomes: a later outcome replaces an earlier one until one is final, and a worker that
// stores its own copy of the episode removes none.
func TestOutcomes(t *testing.T) {
	s := openNew(t)
	e := advised(1, episode.Advising, 1)
	require.NoError(t, s.PutEpisode(e))
	put := func(finding string, result episode.OutcomeResult, final bool) bool {
		stored, err := s.PutOutcome(e.ID, episode.Outcome{Finding: finding, Result: result, Final: final})
		require.NoError(t, err)
		return stored
	}
	id := findingOf(e, 1)
	require.False(t, put(findingOf(e, 2), episode.Hit, true), "there is no such finding")
	require.True(t, put(id, episode.Unmeasurable, false))
	require.True(t, put(id, episode.Hit, true))
	require.False(t, put(id, episode.Miss, true), "a final outcome stays")
	e.State = episode.Done
	require.NoError(t, s.PutEpisode(e))
	whole, _, err := s.Episode(e.ID)
	require.NoError(t, err)
	require.Equal(t, []episode.Outcome{{Finding: id, Result: episode.Hit, Final: true}}, whole.Outcomes)
	list, err := s.Episodes(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Equal(t, whole.Outcomes, list[0].Outcomes)
	_, err = s.PutOutcome("x", episode.Outcome{})
	require.ErrorContains(t, err, "not a ULID")
}
