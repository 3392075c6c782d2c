package profiling

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slowLocks ends its first write after the second one, if the second one comes while the
// first one is in progress.
type slowLocks struct {
	locks

	writes       atomic.Int64
	began, ended chan struct{} // the first write has begun, the second one has ended
}

func (l *slowLocks) PutLockedOut(until map[string]time.Time) error {
	if l.writes.Add(1) > 1 {
		defer close(l.ended)
		return l.locks.PutLockedOut(until)
	}
	close(l.began)
	select {
	case <-l.ended:
	case <-time.After(200 * time.Millisecond): // the second one waits for this one
	}
	return l.locks.PutLockedOut(until)
}

// TestTheLatestLockOutsAreStored lifts the lock-outs while one is written.
func TestTheLatestLockOutsAreStored(t *testing.T) {
	slow := &slowLocks{began: make(chan struct{}), ended: make(chan struct{})}
	l := &losses{budget: NewBudget(12, 0, time.Now), locks: slow, log: slog.New(slog.DiscardHandler)}
	locked := make(chan struct{})
	go func() {
		defer close(locked)
		l.lockOut(watched{cluster: "eu", process: "tm1", key: "join"})
	}()
	<-slow.began
	l.unlock()
	<-locked
	require.EqualValues(t, 2, slow.writes.Load())
	require.Empty(t, slow.until, "an older copy must not replace a newer one")
}
