package pagestore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
)

const day = 24 * time.Hour

// agedStore is a store of pages with the ages they are given.
type agedStore struct {
	store *Store
	now   time.Time
}

func newAgedStore(t *testing.T) *agedStore {
	t.Helper()
	return &agedStore{
		&Store{Dir: filepath.Join(t.TempDir(), "profiles")},
		time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	}
}

// put keeps a page that is so old and returns its hash.
func (s *agedStore) put(t *testing.T, text string, age time.Duration) string {
	t.Helper()
	require.NoError(t, s.store.Put([]byte(text)))
	hash := HashOf([]byte(text))
	s.age(t, s.store.path(hash), age)
	return hash
}

func (s *agedStore) age(t *testing.T, path string, age time.Duration) {
	t.Helper()
	require.NoError(t, os.Chtimes(path, s.now.Add(-age), s.now.Add(-age)))
}

func (s *agedStore) retention(keep time.Duration, size units.Base2Bytes, needed ...string) *Retention {
	r := NewRetention(keep, int64(size), s.store, func() (map[string]bool, error) {
		all := map[string]bool{}
		for _, hash := range needed {
			all[hash] = true
		}
		return all, nil
	}, slog.New(slog.DiscardHandler))
	r.Now = func() time.Time { return s.now }
	return r
}

func (s *agedStore) has(hash string) bool {
	_, err := s.store.Page(hash)
	return err == nil
}

func TestRetentionByAge(t *testing.T) {
	s := newAgedStore(t)
	old, needed, young := s.put(t, "old", 30*day), s.put(t, "needed", 40*day), s.put(t, "young", 30*day-time.Second)
	r := s.retention(30*day, 0, needed)
	require.NoError(t, r.Sweep())
	require.False(t, s.has(old))
	require.True(t, s.has(needed), "an unfinished episode may be advised on it")
	require.True(t, s.has(young))
	require.InDelta(t, 1, testutil.ToFloat64(r.removed.WithLabelValues(byAge)), 0)
	require.InDelta(t, 0, testutil.ToFloat64(r.removed.WithLabelValues(bySize)), 0)

	_, err := s.store.Page(old)
	require.ErrorIs(t, err, ErrMissing)
	require.ErrorContains(t, err, "retention removed it, or it was lost")

	require.NoError(t, s.retention(0, 0).Sweep())
	require.True(t, s.has(needed), "0 is for ever")
}

func TestRetentionBySizeTakesTheOldest(t *testing.T) {
	s := newAgedStore(t)
	var hashes []string
	for i := range 5 { // of one size each
		hashes = append(hashes, s.put(t, fmt.Sprintf("page %d", i), time.Duration(10-i)*time.Hour))
	}
	info, err := os.Stat(s.store.path(hashes[0]))
	require.NoError(t, err)
	r := s.retention(day, units.Base2Bytes(2*info.Size()+1), hashes[1])
	require.NoError(t, r.Sweep())
	var kept []bool
	for _, hash := range hashes {
		kept = append(kept, s.has(hash))
	}
	require.Equal(t, []bool{false, true, false, false, true}, kept)
	require.InDelta(t, 3, testutil.ToFloat64(r.removed.WithLabelValues(bySize)), 0)
	require.InDelta(t, float64(2*info.Size()), testutil.ToFloat64(r.kept), 0)

	fresh := s.put(t, "page 5", time.Minute)
	require.NoError(t, s.retention(day, 1).Sweep())
	require.True(t, s.has(fresh), "its episode may not have written it down yet")
	require.False(t, s.has(hashes[4]))
}

func TestRetentionLeavesWhatIsNotOurs(t *testing.T) {
	s := newAgedStore(t)
	hash := s.put(t, "page", 2*time.Hour)
	ours := filepath.Join(s.store.Dir, hash+".123"+leftoverEnding)
	theirs := []string{"notes.tmp", "notes.html.gz", strings.Repeat("0", 64) + ".html"}
	for _, path := range append([]string{ours}, inDir(s.store.Dir, theirs)...) {
		require.NoError(t, os.WriteFile(path, []byte("x"), 0o600))
		s.age(t, path, 90*day)
	}
	r := s.retention(30*day, 0)
	require.NoError(t, r.Sweep())
	require.NoFileExists(t, ours, "what a crash left behind")
	for _, path := range inDir(s.store.Dir, theirs) {
		require.FileExists(t, path)
	}
	require.True(t, s.has(hash))
	require.InDelta(t, 0, testutil.ToFloat64(r.removed.WithLabelValues(byAge)), 0, "it was never a page")
}

func inDir(dir string, names []string) []string {
	var paths []string
	for _, name := range names {
		paths = append(paths, filepath.Join(dir, name))
	}
	return paths
}

func TestRetentionRemovesNothingInTheDark(t *testing.T) {
	s := newAgedStore(t)
	require.NoError(t, s.retention(day, 0).Sweep(), "no page was ever kept")
	hash := s.put(t, "page", 2*day)
	r := s.retention(day, 0)
	r.needed = func() (map[string]bool, error) { return nil, errors.New("the history is closed") }
	require.EqualError(t, r.Sweep(), "the history is closed")
	require.True(t, s.has(hash))
}

func TestRetentionRunsAtTheStart(t *testing.T) {
	s := newAgedStore(t)
	hash := s.put(t, "page", 2*day)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.retention(day, 0).Run(ctx) }()
	require.Eventually(t, func() bool { return !s.has(hash) }, 10*time.Second, time.Millisecond)
	cancel()
	require.NoError(t, <-ended)
}
