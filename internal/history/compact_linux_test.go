package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// withHoles is a closed history of which most was dropped, and its remaining entries.
func withHoles(t *testing.T) (path string, entries map[string][32]byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "history.db")
	s, err := Open(t.Context(), configFor(path), quiet())
	require.NoError(t, err)
	s.current.db.NoSync = true
	s.Now = func() time.Time { return later }
	fill(t, s, 400)
	require.NoError(t, s.PutEpisode(advised(401, episode.Done, 2)))
	require.NoError(t, s.update(func(tx *ledger.Txn) error {
		for i := range 390 {
			id, err := ledger.ParseID(idAt(i))
			if err != nil {
				return err
			}
			m, _, err := kinds.Measurements.Get(tx.Tx, id)
			if err == nil {
				err = kinds.Measurements.Drop(tx, id, m)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}))
	entries = dump(t, s)
	require.NoError(t, s.Close())
	return path, entries
}

func TestCompact(t *testing.T) {
	path, entries := withHoles(t)
	require.NoError(t, os.Chmod(path, 0o640))
	size := sizeOfFile(t, path)
	link := filepath.Join(t.TempDir(), "link.db")
	require.NoError(t, os.Symlink(path, link))
	before, after, err := Compact(t.Context(), link, quiet())
	require.NoError(t, err)
	require.Equal(t, size, before)
	require.Equal(t, sizeOfFile(t, path), after)
	require.Less(t, after, before*3/4)
	only(t, filepath.Dir(path), "history.db")
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.Equal(t, os.ModeSymlink, info.Mode().Type(), "the link stays")
	info, err = os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode())

	again, same, err := Compact(t.Context(), path, quiet())
	require.NoError(t, err)
	require.Equal(t, after, again)
	require.LessOrEqual(t, same, again)
	s := open(t, path)
	require.Equal(t, entries, dump(t, s))
	require.NoError(t, s.PutMeasurement(newMeasurement(500, "orders")), "it can be written")
}

func sizeOfFile(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Size()
}

// TestCompactionsThatFail: the same file stays, with all its entries, and nothing else is left.
func TestCompactionsThatFail(t *testing.T) {
	path, entries := withHoles(t)
	was, err := os.Stat(path)
	require.NoError(t, err)
	for says, copyTo := range map[string]copyFunc{
		"no space left on device": func(dst, src *bbolt.DB, batch int64) error {
			return errors.Join(bbolt.Compact(dst, src, batch), fmt.Errorf("write: %w", unix.ENOSPC))
		},
		"file resize error": func(dst, src *bbolt.DB, batch int64) error {
			require.NoError(t, failDescriptor(dst.Path()))
			return bbolt.Compact(dst, src, batch)
		},
		"the copy is not whole": func(dst, src *bbolt.DB, batch int64) error {
			return errors.Join(bbolt.Compact(dst, src, batch), dst.Update(func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte(ledger.BucketMeasures)).Put([]byte("x"), []byte("{}"))
			}))
		},
	} {
		_, _, err := compact(t.Context(), path, quiet(), copyTo)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "(the history is unchanged)")
		is, err := os.Stat(path)
		require.NoError(t, err)
		require.True(t, os.SameFile(was, is) && was.Size() == is.Size(), says)
		only(t, filepath.Dir(path), "history.db")
	}
	require.Equal(t, entries, dump(t, open(t, path)))
}

// failDescriptor makes writes to the file that bbolt has open at path fail.
func failDescriptor(path string) error {
	reader, err := os.Open(path)
	if err != nil {
		return err
	}
	defer reader.Close()
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, d := range descriptors {
		var fd int
		if _, err := fmt.Sscan(d.Name(), &fd); err != nil || fd == int(reader.Fd()) {
			continue
		}
		if to, err := os.Readlink("/proc/self/fd/" + d.Name()); err == nil && to == path {
			if err := unix.Dup3(int(reader.Fd()), fd, unix.O_CLOEXEC); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestCompactOfWhatIsNotAHistory(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	fill(t, s, 1)
	_, _, err := Compact(t.Context(), s.Path(), quiet())
	require.ErrorIs(t, err, ErrHeld)
	dir := t.TempDir()
	_, _, err = Compact(t.Context(), filepath.Join(dir, "none.db"), quiet())
	require.ErrorIs(t, err, os.ErrNotExist)
	only(t, dir)
	foreign := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(foreign, []byte("not a history"), 0o600))
	_, _, err = Compact(t.Context(), foreign, quiet())
	require.ErrorIs(t, err, ErrForeign)
	only(t, dir, "notes.txt")
}

// TestCompactStops ends the context in the middle of the copy.
func TestCompactStops(t *testing.T) {
	path, entries := withHoles(t)
	asked := 0
	ctx := &countedContext{Context: t.Context(), after: func() bool { asked++; return asked > 300 }}
	_, _, err := compact(t.Context(), path, quiet(), copyUntil(ctx))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "(the history is unchanged)")
	require.Equal(t, 301, asked, "nothing is copied after the end")
	only(t, filepath.Dir(path), "history.db")
	require.Equal(t, entries, dump(t, open(t, path)))
}

// TestCopyAsBboltDoes compares our copy with that of bbolt, in many transactions.
func TestCopyAsBboltDoes(t *testing.T) {
	path, entries := withHoles(t)
	s := open(t, path)
	for name, copyTo := range map[string]copyFunc{"ours": copyUntil(t.Context()), "bbolt's": bbolt.Compact} {
		to := filepath.Join(t.TempDir(), "copy.db")
		require.NoError(t, s.copyInto(to, func(dst, src *bbolt.DB, _ int64) error { return copyTo(dst, src, 2000) }), name)
		require.Equal(t, entries, dump(t, open(t, to)), name)
	}
}
