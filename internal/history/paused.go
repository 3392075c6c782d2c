package history

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// PutPaused stores which parts of the sidecar are paused, so that they stay paused
// after a restart.
func (s *Store) PutPaused(parts []string) error { return s.putMeta(keyPaused, parts) }

// Paused returns what was stored last, nil if nothing was.
func (s *Store) Paused() (parts []string, err error) {
	err = s.getMeta(keyPaused, &parts)
	return parts, err
}

// PutLockedOut stores which vertices are not to be profiled, each until a time.
func (s *Store) PutLockedOut(until map[string]time.Time) error {
	return s.putMeta(keyLockedOut, until)
}

// LockedOut returns what was stored last, nil if nothing was.
func (s *Store) LockedOut() (until map[string]time.Time, err error) {
	err = s.getMeta(keyLockedOut, &until)
	return until, err
}

// putMeta stores a small value, and keeps it for a history that begins anew.
func (s *Store) putMeta(key string, value any) error {
	data, err := encode(key, value, maxMeta)
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	s.mu.Lock()
	s.carried[key] = data
	s.mu.Unlock()
	return s.update(func(t *txn) error { return t.put(bucketMeta, []byte(key), data) })
}

func (s *Store) getMeta(key string, value any) error {
	return s.view(func(tx *bbolt.Tx) error {
		_, err := getJSON(tx, bucketMeta, []byte(key), value)
		return err
	})
}
