package history

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// PutPaused stores the paused parts of the sidecar, so that they stay paused after a
// restart.
func (s *Store) PutPaused(parts []string) error { return s.putMeta(ledger.KeyPaused, parts) }

// Paused returns the stored paused parts, nil if none were stored.
func (s *Store) Paused() (parts []string, err error) {
	err = s.getMeta(ledger.KeyPaused, &parts)
	return parts, err
}

// PutLockedOut stores the vertices that must not be profiled, each until a time.
func (s *Store) PutLockedOut(until map[string]time.Time) error {
	return s.putMeta(ledger.KeyLockedOut, until)
}

// LockedOut returns the stored vertices, nil if none were stored.
func (s *Store) LockedOut() (until map[string]time.Time, err error) {
	err = s.getMeta(ledger.KeyLockedOut, &until)
	return until, err
}

// PutScores stores how often each trend rule was right.
func (s *Store) PutScores(scores []episode.RuleScore) error {
	return s.putMeta(ledger.KeyScores, scores)
}

// Scores returns the stored scores, nil if none were stored.
func (s *Store) Scores() (scores []episode.RuleScore, err error) {
	err = s.getMeta(ledger.KeyScores, &scores)
	return scores, err
}

// PutFiring stores the alerts of trends that fire, in place of those before.
func (s *Store) PutFiring(firing []episode.FiringTrend) error {
	return s.putMeta(ledger.KeyFiring, firing)
}

// Firing returns the stored alerts, nil if none were stored.
func (s *Store) Firing() (firing []episode.FiringTrend, err error) {
	err = s.getMeta(ledger.KeyFiring, &firing)
	return firing, err
}

// PutMedians stores what rules know of the present epochs, in place of what they knew before.
func (s *Store) PutMedians(medians []episode.TrendMedian) error {
	return s.putMeta(ledger.KeyMedians, medians)
}

// Medians returns what was stored, nil if nothing was.
func (s *Store) Medians() (medians []episode.TrendMedian, err error) {
	err = s.getMeta(ledger.KeyMedians, &medians)
	return medians, err
}

// putMeta stores a small value. It also keeps the value in memory, for a new history
// after the loss of the file.
func (s *Store) putMeta(key string, value any) error {
	data, err := ledger.Encode(key, value, ledger.MaxMeta)
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	s.mu.Lock()
	s.carried[key] = data
	s.mu.Unlock()
	return s.update(func(t *ledger.Txn) error { return t.Put(ledger.BucketMeta, []byte(key), data) })
}

func (s *Store) getMeta(key string, value any) error {
	return s.view(func(tx *bbolt.Tx) error {
		_, err := ledger.GetJSON(tx, ledger.BucketMeta, []byte(key), value)
		return err
	})
}
