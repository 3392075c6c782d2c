package history

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// Store is an open history. Its methods may be called from any goroutine until
// Close.
type Store struct {
	// Now is the clock by which entries grow old; tests set it before use.
	Now func() time.Time

	path      string
	retention time.Duration
	probes    *ProbeRecords
	logger    *slog.Logger

	mu       sync.RWMutex
	current  *handle
	memory   string // why the history is in memory; empty when it is in the file
	setAside string
	// announced is whether an owner file was written.
	announced bool
	// carried is the state under keys of the bucket meta that a new history is given
	// when the file is lost.
	carried map[string][]byte
}

// Path is the path that was asked for, whether the history is there or in memory.
func (s *Store) Path() string { return s.path }

// Memory reports whether the history is in memory, and why. It may become true
// while the store is open: when the file is removed and none can be made.
func (s *Store) Memory() (memory bool, reason string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.memory != "", s.memory
}

// SetAside is where a file was put last that was damaged when this history was
// opened, or changed by another process since; empty when there was none.
func (s *Store) SetAside() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.setAside
}

// Probes are the probe records.
func (s *Store) Probes() *ProbeRecords { return s.probes }

// Close withdraws the owner file and closes the history. Transactions under way
// finish first.
func (s *Store) Close() error {
	h := s.acquire()
	h.users.Done()
	return errors.Join(s.withdraw(), h.close())
}

// Backup writes a consistent copy of the whole history to w: a file that [Open]
// opens. Others may read and write meanwhile; only a write for which the file must
// grow may have to wait.
func (s *Store) Backup(w io.Writer) (size int64, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		size, err = tx.WriteTo(w)
		return err
	})
	return size, err
}

func (s *Store) update(fn func(*txn) error) error {
	err := s.do(func(h *handle) (bool, error) { return true, h.update(s.path, fn) })
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

func (s *Store) view(fn func(*bbolt.Tx) error) error {
	err := s.do(func(h *handle) (bool, error) {
		began, err := h.view(fn)
		return !began, err
	})
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

const (
	// sweepEvery is how often Run looks for entries that are too old. A fraction of
	// the shortest retention is enough.
	sweepEvery = 10 * time.Minute
	// watchEvery is how often Run looks whether the file is still at its path. Each
	// write looks too.
	watchEvery = 10 * time.Second
)

// Run drops what is older than the retention and notices when the file is removed,
// replaced or cut, now and from time to time until ctx ends; then it returns nil. A
// sweep that fails is logged and tried again.
func (s *Store) Run(ctx context.Context) error {
	sweep, watch := time.NewTicker(sweepEvery), time.NewTicker(watchEvery)
	defer sweep.Stop()
	defer watch.Stop()
	for {
		s.sweepAndLog(ctx)
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return nil
			case <-watch.C:
				_ = s.watch() // what it finds is logged
			case <-sweep.C:
				waiting = false
			}
		}
	}
}

func (s *Store) sweepAndLog(ctx context.Context) {
	if n, err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
		s.logger.Error("Old history could not be dropped", "err", err)
	} else if n > 0 {
		s.logger.Info("Old history dropped", "entries", n)
	}
}
