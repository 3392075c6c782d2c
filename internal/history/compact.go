package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"go.etcd.io/bbolt"
)

// compactBatch is the size of a transaction of the copy in bytes, which bounds its memory.
const compactBatch = 1 << 20

// copyFunc is the form of bbolt.Compact.
type copyFunc func(dst, src *bbolt.DB, batch int64) error

// Compact writes the history at path anew without its free pages, and returns its size before
// and after. It holds the lock of the file meanwhile: the error is [ErrHeld] if another process
// does. The new file takes the name when it is whole, on disk and checked; until then, and
// after any error or the end of ctx, the old one stays as it was. A file that would not become smaller stays.
func Compact(ctx context.Context, path string, logger *slog.Logger) (before, after int64, err error) {
	return compact(ctx, path, logger, copyUntil(ctx))
}

func compact(
	ctx context.Context, path string, logger *slog.Logger, copyTo copyFunc,
) (before, after int64, err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil { // a rename would replace a link
		return 0, 0, fmt.Errorf("compact: %w", err)
	}
	config := DefaultConfig()
	config.Path = path
	s, err := Open(ctx, config, logger)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Intact(); err != nil {
		return 0, 0, fmt.Errorf("compact: %w", err)
	}
	before, after, err = s.replaceBySmaller(copyTo)
	if err != nil {
		return before, before, fmt.Errorf("compact: %w (the history is unchanged)", err)
	}
	return before, after, nil
}

// replaceBySmaller replaces the file by a copy if that is smaller.
func (s *Store) replaceBySmaller(copyTo copyFunc) (before, after int64, err error) {
	old, err := os.Stat(s.path)
	if err != nil {
		return 0, 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+".compact-*") // 0600
	if err != nil {
		return old.Size(), 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), removed(f.Name())) }()
	if err := s.copyInto(f.Name(), copyTo); err != nil {
		return old.Size(), 0, err
	}
	if err := errors.Join(sameOwner(f, old), f.Sync(), checkCopy(f)); err != nil {
		return old.Size(), 0, err
	}
	smaller, err := f.Stat()
	if err != nil || smaller.Size() >= old.Size() {
		return old.Size(), old.Size(), err
	}
	if err := os.Rename(f.Name(), s.path); err != nil {
		return old.Size(), 0, err
	}
	return old.Size(), smaller.Size(), syncDirectory(s.path)
}

// copyInto copies the entries into an empty file.
func (s *Store) copyInto(path string, copyTo copyFunc) error {
	h := s.acquire()
	defer h.users.Done()
	options := options(nil)
	options.NoSync = true // the whole file is synced once
	dst, err := bbolt.Open(path, 0o600, options)
	if err != nil {
		return err
	}
	dst.AllocSize = 0 // the file grows by what is written, and not by 16 MiB at a time
	err = h.guard(func() error { return copyTo(dst, h.db, compactBatch) })
	return errors.Join(err, dst.Close())
}

// sameOwner gives a file the owner and the mode of another. A file that root compacts must
// stay the sidecar's.
func sameOwner(f *os.File, other os.FileInfo) error {
	if stat, ok := other.Sys().(*syscall.Stat_t); ok {
		if err := f.Chown(int(stat.Uid), int(stat.Gid)); err != nil {
			return fmt.Errorf("%w (run this as the user of the sidecar)", err)
		}
	}
	return f.Chmod(other.Mode().Perm())
}
