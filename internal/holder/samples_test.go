package holder

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

func TestSamplesOfAFile(t *testing.T) {
	t.Parallel()
	h, _ := written(t)
	cfg := history.DefaultConfig()
	cfg.Path = h.Path
	store, err := history.Open(t.Context(), cfg, h.Log)
	require.NoError(t, err)
	now := time.Now()
	for i, text := range []string{"a", "b", "c"} {
		at := now.Add(time.Duration(i-3) * time.Minute)
		require.NoError(t, store.PutPage("c", at, []byte(text), episode.Thinning{Whole: time.Hour}))
	}
	require.NoError(t, store.Close())
	seen := ""
	add := func(page []byte) error { seen += string(page); return nil }
	require.NoError(t, h.Samples(t.Context(), time.Time{}, add))
	require.NoError(t, h.Samples(t.Context(), now.Add(-90*time.Second), add))
	require.Equal(t, "abcc", seen)
	enough := errors.New("enough")
	require.ErrorIs(t, h.Samples(t.Context(), time.Time{}, func([]byte) error { return enough }), enough)
}
