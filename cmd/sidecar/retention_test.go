package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

func TestOldPagesGoAtTheStart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history.db")
	store := &pagestore.Store{Dir: pagestore.DirBeside(path)}
	require.NoError(t, store.Put([]byte("a page of last month")))
	files, err := filepath.Glob(filepath.Join(store.Dir, "*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	lastMonth := time.Now().Add(-31 * 24 * time.Hour)
	require.NoError(t, os.Chtimes(files[0], lastMonth, lastMonth))
	require.NoError(t, store.Put([]byte("a page of today")))

	fake := flinktest.New(t, flinktest.Flink23)
	sc := startSidecarOn(t, path, "--flink.url="+fake.URL)
	require.Eventually(t, func() bool {
		_, err := os.Stat(files[0])
		return os.IsNotExist(err)
	}, soon, 10*time.Millisecond)
	require.Eventually(t, func() bool {
		_, page := sc.get(t, "/metrics")
		return strings.Contains(page, `flink_sidecar_profile_pages_removed_total{reason="age"} 1`)
	}, soon, 10*time.Millisecond)
	left, err := filepath.Glob(filepath.Join(store.Dir, "*"))
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.Contains(t, sc.stderr.String(), "Page of a profile removed")
}
