// Package historytest opens histories for tests.
package historytest

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// Open opens a history in a new file, and closes it with the test.
func Open(t testing.TB) *history.Store {
	t.Helper()
	store, _ := OpenFile(t)
	return store
}

// OpenFile is [Open] with the path of the file.
func OpenFile(t testing.TB) (store *history.Store, path string) {
	t.Helper()
	config := history.DefaultConfig()
	config.Path = filepath.Join(t.TempDir(), "h.db")
	store, err := history.Open(t.Context(), config, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store, config.Path
}

// IDAt returns a new ULID with the given time.
func IDAt(at time.Time) string {
	return ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()
}
