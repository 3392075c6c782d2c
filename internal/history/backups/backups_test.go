package backups

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// source is a history whose copies are those of a real one, made before the fake clock began.
type source struct {
	content []byte
	fault   atomic.Pointer[error]
	began   time.Time
}

func (s *source) Began() (time.Time, error) {
	if fault := s.fault.Load(); fault != nil {
		return time.Time{}, *fault
	}
	return s.began, nil
}

func (s *source) Backup(w io.Writer) (int64, error) {
	n, err := w.Write(s.content)
	return int64(n), err
}

func newSource(t *testing.T) *source {
	t.Helper()
	store, err := history.Open(t.Context(), history.Config{Path: filepath.Join(t.TempDir(), "h.db")}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	var content bytes.Buffer
	_, err = store.Backup(&content)
	require.NoError(t, err)
	return &source{content: content.Bytes()}
}

func newBackups(t *testing.T, s Source, dir, schedule string, keep int) *Backups {
	t.Helper()
	b, err := New(history.BackupConfig{Directory: dir, Schedule: schedule, Keep: keep}, s, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return b
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// A copy is made at each time, the newest stay, and each can be opened.
func TestCopiesOnASchedule(t *testing.T) {
	s, dir := newSource(t), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := newBackups(t, s, dir, "@every 6h", 3)
		stop := run(t, b)
		time.Sleep(25 * time.Hour)
		synctest.Wait()
		stop()
		began := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // of synctest
		var want []string
		for _, hours := range []int{12, 18, 24} {
			want = append(want, prefix+began.Add(time.Duration(hours)*time.Hour).Format(layout)+ending)
		}
		require.Equal(t, want, names(t, dir))
		require.InDelta(t, 4, testutil.ToFloat64(b.made.WithLabelValues("ok")), 0)
		require.InDelta(t, began.Add(24*time.Hour).Unix(), testutil.ToFloat64(b.last), 0)
	})
	for _, name := range names(t, dir) {
		require.NoError(t, history.Inspect(t.Context(), filepath.Join(dir, name)))
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode())
	}
}

// run runs b until the returned function is called.
func run(t *testing.T, b *Backups) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	return func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

// A copy that was due while no sidecar ran is made at the start; one that was not is not.
func TestACopyThatWasDueIsMadeAtTheStart(t *testing.T) {
	s := newSource(t)
	for _, test := range []struct{ age, first time.Duration }{
		{30 * time.Hour, 0}, {20 * time.Hour, 4 * time.Hour},
	} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			old := prefix + time.Now().Add(-test.age).UTC().Format(layout) + ending
			require.NoError(t, os.WriteFile(filepath.Join(dir, old), s.content, 0o600))
			b := newBackups(t, s, dir, "@every 24h", 0)
			stop := run(t, b)
			began := time.Now()
			if test.first > 0 {
				time.Sleep(test.first - time.Second)
				synctest.Wait()
				require.Len(t, names(t, dir), 1)
				time.Sleep(time.Second)
			}
			synctest.Wait()
			stop()
			require.Equal(t, []string{old, prefix + began.Add(test.first).UTC().Format(layout) + ending}, names(t, dir))
		})
	}
}

// A history that is not the one of the file is not copied, and old copies stay. What a killed
// process left goes with the next copy, files of others stay.
func TestFailedCopiesAreRepeatedAndRemoveNothing(t *testing.T) {
	s, dir := newSource(t), t.TempDir()
	half := prefix + "20250101T000000Z" + ending + ".new-1"
	for _, name := range []string{prefix + "20250101T000000Z" + ending, prefix + "20250102T000000Z" + ending, half, "notes.db"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), s.content, 0o600))
	}
	before := names(t, dir)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
		fault := errors.New("history: the file was damaged")
		s.fault.Store(&fault)
		b := newBackups(t, s, dir, "@daily", 1)
		stop := run(t, b)
		synctest.Wait()
		require.Equal(t, before, names(t, dir))
		require.InDelta(t, 1, testutil.ToFloat64(b.made.WithLabelValues("failed")), 0)
		s.fault.Store(nil)
		time.Sleep(again)
		synctest.Wait()
		stop()
	})
	after := names(t, dir)
	require.Len(t, after, 2)
	require.True(t, strings.HasPrefix(after[0], prefix+"20260301"), after)
	require.True(t, slices.Contains(after, "notes.db"))
}

// After a damage the copies go on, and never take the place of the copies from before it.
func TestCopiesAfterADamage(t *testing.T) {
	s, dir := newSource(t), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now().UTC()
		whole := prefix + began.Add(-time.Hour).Format(layout) + ending
		require.NoError(t, os.WriteFile(filepath.Join(dir, whole), s.content, 0o600))
		s.began = began
		b := newBackups(t, s, dir, "@every 6h", 2)
		stop := run(t, b)
		time.Sleep(25 * time.Hour)
		synctest.Wait()
		stop()
		require.InDelta(t, 0, testutil.ToFloat64(b.made.WithLabelValues("failed")), 0)
		kept := names(t, dir)
		require.Len(t, kept, 3)
		require.Equal(t, whole, kept[0])
	})
}

// Told to stop in the middle of a copy, it leaves nothing.
func TestStoppedWhileItCopies(t *testing.T) {
	s, dir := newSource(t), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	b := newBackups(t, stopping{s, cancel}, dir, "@daily", 1)
	_, _, _, err := b.copy(ctx, time.Now())
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, names(t, dir))
}

// stopping is a source during whose copy the sidecar is told to stop.
type stopping struct {
	*source

	stop func()
}

func (s stopping) Backup(w io.Writer) (int64, error) {
	n, err := w.Write(s.content[:100])
	if err == nil {
		s.stop()
		_, err = w.Write(s.content[100:])
	}
	return int64(n), err
}
