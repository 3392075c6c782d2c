package history

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// only requires that a directory has these files and no others.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	got := []string{}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	require.Equal(t, append([]string{}, names...), got)
}

// TestSnapshot: a write between the copy and its reading is not in it, and nothing is left.
func TestSnapshot(t *testing.T) {
	s := openNew(t)
	fill(t, s, 20)
	want := dump(t, s)
	body, size, err := s.Snapshot()
	require.NoError(t, err)
	require.NoError(t, s.PutMeasurement(newMeasurement(90, "orders")))
	only(t, filepath.Dir(s.Path()), "history.db")

	dir := t.TempDir()
	written, err := WriteBackup(filepath.Join(dir, "b.db"), func(w io.Writer) (int64, error) { return io.Copy(w, body) })
	require.NoError(t, err)
	require.NoError(t, body.Close())
	require.Equal(t, size, written)
	only(t, dir, "b.db")
	info, err := os.Stat(filepath.Join(dir, "b.db"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	require.Equal(t, want, dump(t, open(t, filepath.Join(dir, "b.db"))))
}

func TestSnapshotOfAHistoryInMemory(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "no such directory", "history.db"))
	memory, _ := s.Memory()
	require.True(t, memory)
	require.ErrorContains(t, s.Intact(), "the file cannot be used")
	_, err := s.Began()
	require.ErrorContains(t, err, "the file cannot be used")
	fill(t, s, 3)
	body, size, err := s.Snapshot()
	require.NoError(t, err)
	data, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Len(t, data, int(size))
	_, err = inspect(bytes.NewReader(data), size)
	require.NoError(t, err)
	require.NoError(t, body.Close())
}

// TestBackupsThatFail leave nothing behind, and what was there before stays.
func TestBackupsThatFail(t *testing.T) {
	s := openNew(t)
	fill(t, s, 20)
	dir := t.TempDir()
	path := filepath.Join(dir, "b.db")
	for says, from := range map[string]func(io.Writer) (int64, error){
		"the line is dead": func(w io.Writer) (int64, error) {
			_, err := io.WriteString(w, "the beginning")
			return 13, errors.Join(err, errors.New("the line is dead"))
		},
		"the copy is not whole": func(w io.Writer) (int64, error) {
			var whole bytes.Buffer
			size, err := s.Backup(&whole)
			require.NoError(t, err)
			return io.CopyN(w, &whole, size/2)
		},
	} {
		_, err := WriteBackup(path, from)
		require.ErrorContains(t, err, says)
		only(t, dir)
	}
	require.NoError(t, os.WriteFile(path, []byte("mine"), 0o600))
	_, err := WriteBackup(path, s.Backup)
	require.ErrorContains(t, err, "there is a file "+path+" (choose another name")
	// It may appear while the copy is written.
	late := filepath.Join(dir, "late.db")
	_, err = WriteBackup(late, func(w io.Writer) (int64, error) {
		require.NoError(t, os.WriteFile(late, []byte("mine"), 0o600))
		return s.Backup(w)
	})
	require.ErrorContains(t, err, "there is a file "+late)
	for _, file := range []string{path, late} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, "mine", string(data))
	}
	only(t, dir, "b.db", "late.db")
}
