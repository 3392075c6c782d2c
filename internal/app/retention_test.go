package app

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

func TestPagesInUseAreThoseOfOpenEpisodes(t *testing.T) {
	t.Parallel()
	cfg := history.DefaultConfig()
	cfg.Path = filepath.Join(t.TempDir(), "history.db")
	store, err := history.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	for id, state := range map[string]episode.State{
		"01KAQ000000000000000000001": episode.Done, "01KAQ000000000000000000002": episode.Advising,
	} {
		require.NoError(t, store.PutEpisode(episode.Episode{
			ID: id, State: state, Opened: time.Now(),
			Profiles: []episode.Profile{{ID: id, Hash: "page of " + string(state)}},
		}))
	}
	needed, err := (&App{store: store}).pagesInUse()
	require.NoError(t, err)
	require.Equal(t, map[string]bool{"page of advising": true}, needed)
}
