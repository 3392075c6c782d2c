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

	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/history/probes"
)

// Store is an open history. Its methods are safe for concurrent use until Close.
type Store struct {
	// Now is the clock for the age of entries; tests set it before use.
	Now func() time.Time

	path      string
	retention time.Duration
	maxSize   int64 // bytes in use; 0 is no limit
	// maxMeasurements and maxEpisodes are numbers of entries; 0 is no limit.
	maxMeasurements, maxEpisodes int

	// Entries are the episodes, measurements and so on.
	*kinds.Entries
	probes *probes.Records
	logger *slog.Logger

	mu       sync.RWMutex
	current  *handle
	memory   string // why the history is in memory; empty when it is in the file
	setAside string
	// began is when the present file began in place of setAside.
	began time.Time
	// salvaged is what the present file got of it.
	salvaged Salvaged
	// writeFault is why the disk refuses writes since faultSince; nil if it does not.
	writeFault error
	faultSince time.Time
	// announced is set if an owner file was written.
	announced bool
	// carried is the state that a new history gets after the loss of the file, by key
	// of the bucket meta.
	carried map[string][]byte
}

// The limits of a listing.
const (
	// DefaultLimit is the number of entries in a listing for a limit of 0.
	DefaultLimit = 100
	// MaxLimit is the maximum number of entries in a listing.
	MaxLimit = 1000
)

// transactions runs transactions on the present file of a store.
type transactions struct{ store *Store }

// Update implements ledger.File.
func (t transactions) Update(fn func(*ledger.Txn) error) error { return t.store.update(fn) }

// View implements ledger.File.
func (t transactions) View(fn func(*bbolt.Tx) error) error { return t.store.view(fn) }

// Now implements ledger.File.
func (t transactions) Now() time.Time { return t.store.Now() }

// Path returns the configured path, also if the history is in memory.
func (s *Store) Path() string { return s.path }

// Memory reports whether the history is in memory, and why. This may change while the
// store is open: when the file is removed and a new one can't be created.
func (s *Store) Memory() (memory bool, reason string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.memory != "", s.memory
}

// SetAside returns the last file that was renamed because it was damaged or changed by
// another process; empty if there was none.
func (s *Store) SetAside() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.setAside
}

// Probes returns the probe records.
func (s *Store) Probes() *probes.Records { return s.probes }

// Close withdraws the owner file and closes the history. It waits for active
// transactions.
func (s *Store) Close() error {
	h := s.acquire()
	h.users.Done()
	return errors.Join(s.withdraw(), h.close())
}

// Backup writes a consistent copy of the whole history to w, which [Open] can open.
// Other callers can read and write during the copy; only a write that must enlarge the
// file may have to wait.
func (s *Store) Backup(w io.Writer) (size int64, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		size, err = tx.WriteTo(w)
		return err
	})
	return size, err
}

func (s *Store) update(fn func(*ledger.Txn) error) error {
	err := s.do(func(h *handle) (bool, error) { return true, h.update(s.path, fn) })
	s.noteWrite(err)
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
	// sweepEvery is the interval between sweeps of expired entries, a fraction of the
	// shortest retention.
	sweepEvery = 10 * time.Minute
	// watchEvery is the interval at which Run checks whether the file is still at its
	// path. Each write checks it too.
	watchEvery = 10 * time.Second
)

// Run drops entries older than the retention, detects that the file was removed, replaced or
// truncated, and that a disk which refused writes takes them again. It does both at once and then periodically until ctx ends;
// then it returns nil. A failed sweep is logged and repeated.
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
				_ = s.watch() // errors are logged
				s.retryWriting()
				s.goOnSalvaging(ctx)
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
