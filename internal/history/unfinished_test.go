package history

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestUnfinishedAreAllOpenOnesOldestFirst(t *testing.T) {
	s := openNew(t)
	states := []episode.State{episode.Done, episode.Measuring, episode.Failed, episode.Opened}
	for n, state := range states {
		require.NoError(t, s.PutEpisode(newEpisode(n, "orders", state)))
	}
	// Between the open episodes and now are more episodes than a listing returns.
	for n := range MaxLimit + 1 {
		require.NoError(t, s.PutEpisode(newEpisode(10+n, "orders", episode.Done)))
	}
	open, err := s.Unfinished()
	require.NoError(t, err)
	require.Equal(t, []string{idAt(1), idAt(3)}, ids(open, func(e episode.Episode) string { return e.ID }))
}

func TestPausedAndLockedOutSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s := open(t, path)
	paused, err := s.Paused()
	require.NoError(t, err)
	require.Empty(t, paused)
	require.NoError(t, s.PutPaused([]string{"llm", "probe"}))
	locked, err := s.LockedOut()
	require.NoError(t, err)
	require.Empty(t, locked)
	until := map[string]time.Time{"join": time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}
	require.NoError(t, s.PutLockedOut(until))
	require.NoError(t, s.Close())

	s = open(t, path)
	paused, err = s.Paused()
	require.NoError(t, err)
	require.Equal(t, []string{"llm", "probe"}, paused)
	locked, err = s.LockedOut()
	require.NoError(t, err)
	require.Equal(t, until, locked)
}
