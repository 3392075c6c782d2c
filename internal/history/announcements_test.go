package history

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestAnnouncementsOfAFinishedEpisode: they are added and replaced after the end, and a writer
// that does not know them does not remove them.
func TestAnnouncementsOfAFinishedEpisode(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), configFor(filepath.Join(t.TempDir(), "h.db")), quiet())
	require.NoError(t, err)
	defer s.Close()
	e := newEpisode(1, "orders", episode.Done)
	stored, err := s.PutAnnouncement(e.ID, episode.Announcement{Where: "grafana"})
	require.NoError(t, err)
	require.False(t, stored, "there is no such episode")
	e.Announcements = []episode.Announcement{{Where: "grafana", ID: "1", At: e.Opened}}
	require.NoError(t, s.PutEpisode(e))

	later := e.Announcements[0]
	later.Until = e.Opened.Add(time.Hour).UTC()
	outcome := episode.Announcement{Where: "grafana", ID: "2", At: e.Opened, Finding: e.ID + "-1"}
	for _, made := range []episode.Announcement{later, outcome} {
		stored, err := s.PutAnnouncement(e.ID, made)
		require.NoError(t, err)
		require.True(t, stored)
	}
	require.NoError(t, s.PutEpisode(e), "the same state again")
	got, _, err := s.Episode(e.ID)
	require.NoError(t, err)
	require.Len(t, got.Announcements, 2)
	require.True(t, later.Until.Equal(got.Announcements[0].Until))
	told, ok := got.AnnouncementOf("grafana", e.ID+"-1")
	require.True(t, ok)
	require.Equal(t, "2", told.ID)
}
