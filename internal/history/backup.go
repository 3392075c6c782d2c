package history

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Snapshot returns a consistent copy of the whole history, and its size in bytes. The copy is
// a file beside the history that has no name any more: it is gone when it is closed. So a
// reader may be slow without holding up a write.
func (s *Store) Snapshot() (io.ReadCloser, int64, error) {
	dir := filepath.Dir(s.path)
	if memory, _ := s.Memory(); memory {
		dir = "" // that of temporary files: the other one may not be writable
	}
	f, err := os.CreateTemp(dir, filepath.Base(s.path)+".snapshot-*") // 0600
	if err != nil {
		return nil, 0, fmt.Errorf("history: snapshot: %w", err)
	}
	size, err := s.Backup(f)
	err = errors.Join(err, os.Remove(f.Name()))
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("history: snapshot: %w", err), f.Close())
	}
	return f, size, nil
}

// Intact returns an error if the history is not the one in the file that was opened, but a new
// and empty one in memory, or in the place of a damaged file. A copy of that would look like a
// copy of the file.
func (s *Store) Intact() error {
	if _, err := s.Began(); err != nil {
		return err
	}
	if aside := s.SetAside(); aside != "" {
		return fmt.Errorf("history: the file was damaged and is now %s (see the log; a new history is in its place)", aside)
	}
	return nil
}

// Began is when the present history began in place of one that was damaged, removed or changed, and
// zero if it is the one that was opened. The error says that the history is in memory and ends with
// the process.
func (s *Store) Began() (time.Time, error) {
	if memory, why := s.Memory(); memory {
		return time.Time{}, fmt.Errorf("history: the file cannot be used: %s", why)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.began, nil
}

// WriteBackup writes what from writes to a new file at path, readable by its owner only, and
// returns its size in bytes. The file appears at its name when it is whole, on disk and
// checked; a file that exists does not change.
func WriteBackup(path string, from func(io.Writer) (int64, error)) (int64, error) {
	if _, err := os.Lstat(path); err == nil {
		return 0, existsError(path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // 0600
	if err != nil {
		return 0, fmt.Errorf("backup: %w", err)
	}
	size, err := from(f)
	if err == nil {
		err = errors.Join(f.Sync(), checkCopy(f))
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = publish(f.Name(), path)
	}
	if err != nil {
		return 0, errors.Join(fmt.Errorf("backup: %w", err), removed(f.Name()))
	}
	return size, syncDirectory(path)
}

func existsError(path string) error {
	return fmt.Errorf("backup: there is a file %s (choose another name: a backup overwrites nothing)", path)
}

// checkCopy inspects a whole copy, as [Open] does.
func checkCopy(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if _, err := inspect(f, info.Size()); err != nil {
		return fmt.Errorf("the copy is not whole: %w (repeat it)", err)
	}
	return nil
}

// publish gives a file its name, unless there is one of that name. Some file systems, for
// example of USB sticks, have no links.
func publish(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil:
		return os.Remove(from)
	case errors.Is(err, os.ErrExist):
		return existsError(to)
	}
	if _, err := os.Lstat(to); err == nil {
		return existsError(to)
	}
	return os.Rename(from, to)
}

// removed removes a file that may be gone already.
func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
