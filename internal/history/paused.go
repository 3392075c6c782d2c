package history

import (
	"time"

	"go.etcd.io/bbolt"
)

// PutPaused remembers which parts of the sidecar are paused, so that a restart
// does not resume what somebody paused.
func (s *Store) PutPaused(parts []string) error {
	return s.update(func(t *txn) error { return t.putJSON(bucketMeta, []byte(keyPaused), parts) })
}

// Paused returns what was remembered last, nothing if nothing was.
func (s *Store) Paused() (parts []string, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		_, err := getJSON(tx, bucketMeta, []byte(keyPaused), &parts)
		return err
	})
	return parts, err
}

// PutLockedOut remembers which vertices are not to be profiled, each with its end.
func (s *Store) PutLockedOut(until map[string]time.Time) error {
	return s.update(func(t *txn) error { return t.putJSON(bucketMeta, []byte(keyLockedOut), until) })
}

// LockedOut returns what was remembered last, nothing if nothing was.
func (s *Store) LockedOut() (until map[string]time.Time, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		_, err := getJSON(tx, bucketMeta, []byte(keyLockedOut), &until)
		return err
	})
	return until, err
}
