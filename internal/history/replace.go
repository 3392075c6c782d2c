package history

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// do runs a transaction on the current file. If the file was changed by another
// process, the store opens a new one. The transaction then runs again, unless it is a
// read transaction that had already begun.
func (s *Store) do(run func(*handle) (again bool, err error)) error {
	for range 2 {
		h := s.acquire()
		again, err := func() (bool, error) {
			defer h.users.Done()
			return run(h)
		}()
		if !errors.Is(err, errChanged) {
			return err
		}
		s.replace(h, err)
		if !again {
			return err
		}
	}
	return errChanged
}

// acquire returns the current handle, which stays open until its users are done.
func (s *Store) acquire() *handle {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.current.users.Add(1)
	return s.current
}

// watch checks whether the file is still the one at its path.
func (s *Store) watch() error {
	return s.do(func(h *handle) (bool, error) { return false, h.check(s.path) })
}

// replace keeps the rest of the file under another name and creates a new one in its
// place, or in memory if that fails. It copies the essential state: the paused parts
// and the vertices that are locked out.
func (s *Store) replace(h *handle, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != h {
		return // another goroutine has replaced it
	}
	aside := s.keep(h)
	o := opener{path: s.path, logger: s.logger}
	next, err := o.open(context.Background())
	if err != nil {
		s.memory = inMemoryReason(err, s.path)
		if next, err = openInMemory(); err != nil {
			s.logger.Error("A new history can't be created", "reason", cause, "err", err)
			return
		}
	}
	s.current, s.setAside, s.began, s.writeFault = next, cmp.Or(aside, o.setAside), time.Now(), nil
	s.logger.Error("History was changed by another process: a new one begins", "reason", cause, "path", s.path,
		"kept", s.setAside, "memory", s.memory)
	damaged := o.setAside
	if strings.Contains(aside, damagedMark) {
		damaged = aside
	}
	if err := s.carryOver(next, damaged); err != nil {
		s.logger.Error("The paused parts could not be written to the new history", "err", err)
	}
	go func() { _ = h.close() }() // waits for its readers; its error does not matter any more
}

// keep keeps the file of h under another name and returns that name. It renames a file
// that is still at its path and copies a file without a name. It returns "" if it
// can't, or if the file was only moved and still has a name.
func (s *Store) keep(h *handle) string {
	stamp := time.Now().UTC().Format("20060102T150405.000000Z")
	opened, err := h.file.Stat()
	if err != nil {
		return ""
	}
	if there, err := os.Stat(s.path); err == nil && os.SameFile(opened, there) {
		aside := s.path + damagedMark + stamp
		if err := os.Rename(s.path, aside); err != nil {
			s.logger.Error("The changed history can't be renamed", "err", err)
			return ""
		}
		return aside
	}
	if stat, ok := opened.Sys().(*syscall.Stat_t); !ok || stat.Nlink > 0 {
		return ""
	}
	aside := s.path + ".removed-" + stamp
	if err := h.copyTo(aside); err != nil {
		s.logger.Error("The removed history can't be kept", "err", err)
		return ""
	}
	return aside
}

// copyTo writes the history to a new file. After an error it removes the file.
func (h *handle) copyTo(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = h.view(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(f)
		return err
	})
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// loadCarried reads the state for carryOver.
func (s *Store) loadCarried() error {
	return s.view(func(tx *bbolt.Tx) error {
		for _, key := range []string{ledger.KeyPaused, ledger.KeyLockedOut} {
			if value := ledger.Get(tx, ledger.BucketMeta, []byte(key)); value != nil {
				s.carried[key] = bytes.Clone(value)
			}
		}
		return nil
	})
}

// carryOver writes the essential state to a new history, and the damaged file that Run has to read.
func (s *Store) carryOver(h *handle, damaged string) error {
	return h.update(s.path, func(t *ledger.Txn) error {
		if damaged != "" {
			if err := salvageNext(t, damaged); err != nil {
				return err
			}
		}
		for key, value := range s.carried {
			if err := t.Put(ledger.BucketMeta, []byte(key), value); err != nil {
				return err
			}
		}
		return nil
	})
}

func inMemoryReason(err error, path string) string {
	return fmt.Sprintf("%v (make %s writable, or choose another history.path)", err, path)
}
