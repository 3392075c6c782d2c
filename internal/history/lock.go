package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

const (
	lockWait  = time.Second // the wait for another process to release the lock
	lockRetry = 25 * time.Millisecond
)

// lockFile opens path and takes the lock that bbolt takes, so that the file can be
// inspected before bbolt uses it. The lock belongs to the open file, so bbolt gets the
// same lock again on that file. The error is [ErrHeld] if another process has the lock.
func lockFile(ctx context.Context, path string, flag int, mode os.FileMode) (*os.File, error) {
	deadline := time.After(lockWait)
	for {
		f, err := os.OpenFile(path, flag, mode)
		if err != nil {
			return nil, err
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil && isAt(f, path) {
			return f, nil
		}
		_ = f.Close() // nothing was written through it
		if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-deadline:
			return nil, heldBy(path)
		case <-time.After(lockRetry):
		}
	}
}

// isAt reports whether path still leads to f, because the previous holder of the lock
// may have renamed a damaged file.
func isAt(f *os.File, path string) bool {
	opened, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(opened, there)
}

func heldBy(path string) error {
	if o, ok, err := FindOwner(path); err == nil && ok {
		return fmt.Errorf("%w: process %d has %s open (go through %s)", ErrHeld, o.PID, path, o.URL)
	}
	return fmt.Errorf("%w: another process has %s open (stop it, or choose another history.path)", ErrHeld, path)
}
