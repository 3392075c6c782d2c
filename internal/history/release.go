package history

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// releaseRetry is how often a process that waits tries the lock. A release is seen within
// this time.
const releaseRetry = 200 * time.Millisecond

// AwaitRelease waits until no process has the history at path open. Another process may be
// faster than the caller: then [Open] returns [ErrHeld] again. A file that is gone, or can't
// be read, is free: Open says what is wrong with it. The error is that of ctx.
func AwaitRelease(ctx context.Context, path string) error {
	ticker := time.NewTicker(releaseRetry)
	defer ticker.Stop()
	for held(path) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
	return nil
}

// held reports whether a process has the lock. The lock is tried and released again.
func held(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer f.Close() // releases the lock; nothing was written
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
