package profiling

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// suspicious is how soon after a run the loss of its process may have been caused by the
// run: a minute, and one more because Flink lists a killed process until its heartbeat
// times out (heartbeat.timeout, 50 s by default).
const suspicious = 2 * time.Minute

// losses watches the processes that were profiled. When one disappears soon after its
// run, its vertex is locked out of automatic profiles for a day. That is a precaution: the
// process may as well have been killed.
type losses struct {
	budget *Budget
	locks  Locks
	log    *slog.Logger

	mu      sync.Mutex
	watched []watched

	storing sync.Mutex // from the copy of the lock-outs until it is stored
}

// watched is a recently profiled process.
type watched struct {
	cluster, process string
	// key names the vertex in the budget.
	key   string
	until time.Time
}

// watch follows the process of a run for a while.
func (l *losses) watch(w watched) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.until = time.Now().Add(suspicious)
	l.watched = append(l.watched, w)
}

// polled locks out the vertices of watched processes that this poll no longer lists.
func (l *losses) polled(state snapshot.State, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watched = slices.DeleteFunc(l.watched, func(w watched) bool {
		lost := w.cluster == state.Cluster.Name && !state.HasProcess(w.process)
		if lost {
			l.lockOut(w)
		}
		return lost || now.After(w.until)
	})
}

func (l *losses) lockOut(w watched) {
	l.log.Warn("A TaskManager went away during or soon after its profile, cause not known; as a precaution its "+
		"vertex gets no automatic profile for a day (sidecar resume profiling ends this)", "cluster", w.cluster,
		"process", w.process)
	l.budget.LockOut(w.key)
	l.remember()
}

// unlock lifts every lock-out.
func (l *losses) unlock() {
	l.budget.Unlock()
	l.remember()
}

// remember stores the lock-outs: a restart must not lift them. One call stores after the
// other, so that an older copy does not replace a newer one.
func (l *losses) remember() {
	l.storing.Lock()
	defer l.storing.Unlock()
	if err := l.locks.PutLockedOut(l.budget.LockedOut()); err != nil {
		l.log.Warn("The lock-outs of vertices cannot be stored; a restart of the sidecar forgets them", "err", err)
	}
}
