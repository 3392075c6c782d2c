package history

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// PutPaused stores the paused parts of the sidecar, so that they stay paused after a
// restart.
func (s *Store) PutPaused(parts []string) error { return s.putMeta(keyPaused, parts) }

// Paused returns the stored paused parts, nil if none were stored.
func (s *Store) Paused() (parts []string, err error) {
	err = s.getMeta(keyPaused, &parts)
	return parts, err
}

// PutLockedOut stores the vertices that must not be profiled, each until a time.
func (s *Store) PutLockedOut(until map[string]time.Time) error {
	return s.putMeta(keyLockedOut, until)
}

// LockedOut returns the stored vertices, nil if none were stored.
func (s *Store) LockedOut() (until map[string]time.Time, err error) {
	err = s.getMeta(keyLockedOut, &until)
	return until, err
}

// putMeta stores a small value. It also keeps the value in memory, for a new history
// after the loss of the file.
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
