package history

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"go.etcd.io/bbolt"
)

// Store is an open history. Its methods may be called from any goroutine until
// Close.
type Store struct {
	// Now is the clock by which entries grow old; tests set it before use.
	Now func() time.Time

	path      string
	memory    string // why the history is in memory; empty when it is in the file
	setAside  string
	retention time.Duration
	db        *bbolt.DB
	probes    *ProbeLedger
	logger    *slog.Logger
}

// Path is the path that was asked for, whether the history is there or in memory.
func (s *Store) Path() string { return s.path }

// Memory reports whether the history is in memory, and why.
func (s *Store) Memory() (memory bool, reason string) { return s.memory != "", s.memory }

// SetAside is where a damaged file was put when this history was opened, empty
// when the file was sound.
func (s *Store) SetAside() string { return s.setAside }

// Probes is the ledger of the probe records.
func (s *Store) Probes() *ProbeLedger { return s.probes }

// Close withdraws the owner file and closes the history. Transactions under way
// finish first.
func (s *Store) Close() error {
	return errors.Join(s.withdraw(), s.db.Close())
}

// Backup writes a consistent copy of the whole history to w: a file that [Open]
// opens. Others may read and write meanwhile; only a write for which the file must
// grow may have to wait.
func (s *Store) Backup(w io.Writer) (size int64, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		size, err = tx.WriteTo(w)
		return err
	})
	if err != nil {
		return size, fmt.Errorf("history: backup: %w", err)
	}
	return size, nil
}

func (s *Store) update(fn func(*txn) error) error {
	if err := update(s.db, fn); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

func (s *Store) view(fn func(*bbolt.Tx) error) error {
	if err := s.db.View(fn); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

// sweepEvery is how often Run looks for entries that are too old. A fraction of
// the shortest retention is enough.
const sweepEvery = 10 * time.Minute

// Run drops what is older than the retention, now and from time to time until
// ctx ends; then it returns nil. A sweep that fails is logged and tried again.
func (s *Store) Run(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		if n, err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.logger.Error("Old history could not be dropped", "err", err)
		} else if n > 0 {
			s.logger.Info("Old history dropped", "entries", n)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
