package history

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// advisedBy lists the findings of a job, newest episode first.
func advisedBy(t *testing.T, s *Store, of episode.JobRef) (found []episode.FindingEntry) {
	t.Helper()
	require.NoError(t, s.Advised(of, "", func(e episode.Advised) bool {
		for _, f := range e.Findings {
			var entry episode.FindingEntry
			require.NoError(t, json.Unmarshal(f.JSON, &entry))
			require.Equal(t, f.Category, entry.Finding.Category)
			found = append(found, entry)
		}
		return true
	}))
	return found
}

// TestFindingsInMemoryFollowTheFile changes episodes that were read before.
func TestFindingsInMemoryFollowTheFile(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), configFor(filepath.Join(t.TempDir(), "h.db")), quiet())
	require.NoError(t, err)
	defer s.Close()
	e := newEpisode(1, "orders", episode.Opened)
	require.NoError(t, s.PutEpisode(e))
	require.NoError(t, s.PutEpisode(newEpisode(2, "payments", episode.Opened)))
	require.Empty(t, advisedBy(t, s, episode.JobRef{}))

	e.Advice = &episode.Advice{Findings: []episode.Finding{{ID: e.ID + "-1", Category: "other"}}}
	e.State = episode.Advising
	require.NoError(t, s.PutEpisode(e))
	found := advisedBy(t, s, episode.JobRef{Job: "orders"})
	require.Len(t, found, 1)
	require.Equal(t, e.ID, found[0].Episode)
	require.Equal(t, []string{}, found[0].Finding.Evidence)
	require.Nil(t, found[0].Mark)
	require.Empty(t, advisedBy(t, s, episode.JobRef{Job: "payments"}))

	mark := episode.Mark{Finding: e.ID + "-1", Decision: episode.Applied, At: e.Opened}
	_, marked, err := s.PutMark(e.ID, mark)
	require.NoError(t, err)
	require.True(t, marked)
	require.Equal(t, mark.Decision, advisedBy(t, s, episode.JobRef{})[0].Mark.Decision)
	require.Equal(t, found[0].Finding, advisedBy(t, s, episode.JobRef{})[0].Finding, "and again, from memory")
}
