package history

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// keepDeclined is the maximum number of declined alerts, so that a storm of them does
// not fill the file.
const keepDeclined = 1000

var declined = timeline[episode.Declined]{
	entries: bucketDeclined, byJob: bucketDeclinedJob, limit: MaxDeclined,
	of: episode.Declined.JobRef, dropped: forgetOccurrence,
}

// PutDeclined stores alerts that opened no episode, all or none in one transaction. If
// the same occurrence was already stored for the same reason, it updates the count and
// the last time. It derives an empty ID from First, replaces a Count of 0 by 1 and a
// zero Last by First. The error is an [*InvalidError] for an alert that is too large.
func (s *Store) PutDeclined(ds ...episode.Declined) error {
	if len(ds) == 0 {
		return nil
	}
	return s.update(func(t *txn) error {
		for _, d := range ds {
			if err := s.putDeclined(t, d); err != nil {
				return err
			}
		}
		return trimDeclined(t)
	})
}

func (s *Store) putDeclined(t *txn, d episode.Declined) error {
	if d.Last.IsZero() {
		d.Last = d.First
	}
	d.Count = max(d.Count, 1)
	key := declinedKey(d)
	if known := get(t.Tx, bucketDeclinedKey, key); known != nil {
		id := ulid.ULID(known)
		was, ok, err := declined.get(t.Tx, id)
		if err != nil {
			return err
		}
		if ok {
			was.Count += d.Count
			if d.Last.After(was.Last) {
				was.Last, was.Alert.ResolvedAt = d.Last, d.Alert.ResolvedAt
			}
			return declined.put(t, id, was)
		}
	}
	if d.ID == "" {
		d.ID = newID(d.First, key).String()
	}
	id, err := s.checkID("declined alert", d.ID)
	if err != nil {
		return err
	}
	if err := declined.put(t, id, d); err != nil {
		return err
	}
	return t.put(bucketDeclinedKey, key, id[:])
}

// Declined returns the newest declined alerts by the time of their first occurrence,
// newest first. It selects those whose job matches of, and that are older than the one
// with the id before unless before is empty. A limit of 0 means [DefaultLimit]; the
// maximum is [MaxLimit].
func (s *Store) Declined(of episode.JobRef, before string, limit int) (out []episode.Declined, err error) {
	w, err := newWindow(of, time.Time{}, time.Time{}, limit).endBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: declined alerts: %w", err)
	}
	err = s.view(func(tx *bbolt.Tx) error {
		out, err = declined.list(tx, w)
		return err
	})
	return out, err
}

// trimDeclined drops the oldest declined alerts until keepDeclined remain.
func trimDeclined(t *txn) error {
	b := t.Bucket([]byte(bucketDeclined))
	for b.Inspect().KeyN > keepDeclined {
		k, _ := b.Cursor().First()
		if err := dropDeclined(t, ulid.ULID(k)); err != nil {
			return err
		}
	}
	return nil
}

func dropDeclined(t *txn, id ulid.ULID) error {
	d, _, err := declined.get(t.Tx, id)
	if err != nil {
		return err
	}
	return declined.drop(t, id, d)
}

// forgetOccurrence drops the index entry of a declined alert.
func forgetOccurrence(t *txn, _ ulid.ULID, d episode.Declined) error {
	return t.delete(bucketDeclinedKey, declinedKey(d))
}

// declinedKey is equal for the same occurrence of an alert that was declined for the
// same reason. Without a fingerprint the subject of the alert identifies it.
func declinedKey(d episode.Declined) []byte {
	a := d.Alert
	text := fmt.Appendf(nil, "%q %q %d %q", a.Fingerprint, a.DedupeKey(), a.StartsAt.UnixNano(), d.Reason)
	sum := sha256.Sum256(text)
	return sum[:16]
}

// newID derives an id from a time and a content, so that the same content has the same
// id.
func newID(at time.Time, of []byte) ulid.ULID {
	id := firstAt(at)
	_ = id.SetEntropy(of[:10]) // fails only for another length
	return id
}
