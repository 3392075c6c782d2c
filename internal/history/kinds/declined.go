package kinds

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// KeepDeclined is the maximum number of declined alerts, so that a storm of them does
// not fill the file.
const KeepDeclined = 1000

// Declined are the alerts that opened no episode.
var Declined = ledger.Timeline[episode.Declined]{
	Entries: ledger.BucketDeclined, ByJob: ledger.BucketDeclinedJob, Limit: MaxDeclined,
	Of: episode.Declined.JobRef, Dropped: forgetOccurrence,
}

// PutDeclined stores alerts that opened no episode, all or none in one transaction. If
// the same occurrence was already stored for the same reason, it updates the count and
// the last time. It derives an empty ID from First, replaces a Count of 0 by 1 and a
// zero Last by First. The error is an [*ledger.InvalidError] for an alert that is too large.
func (s *Entries) PutDeclined(ds ...episode.Declined) error {
	if len(ds) == 0 {
		return nil
	}
	return s.file.Update(func(t *ledger.Txn) error {
		for _, d := range ds {
			if err := s.putDeclined(t, d); err != nil {
				return err
			}
		}
		return trimDeclined(t)
	})
}

func (s *Entries) putDeclined(t *ledger.Txn, d episode.Declined) error {
	if d.Last.IsZero() {
		d.Last = d.First
	}
	d.Count = max(d.Count, 1)
	key := declinedKey(d)
	if known := ledger.Get(t.Tx, ledger.BucketDeclinedKey, key); known != nil {
		id := ulid.ULID(known)
		was, ok, err := Declined.Get(t.Tx, id)
		if err != nil {
			return err
		}
		if ok {
			was.Count += d.Count
			if d.Last.After(was.Last) {
				was.Last, was.Alert.ResolvedAt = d.Last, d.Alert.ResolvedAt
			}
			return Declined.Put(t, id, was)
		}
	}
	if d.ID == "" {
		d.ID = ledger.NewID(d.First, key).String()
	}
	id, err := s.checkID("declined alert", d.ID)
	if err != nil {
		return err
	}
	if err := Declined.Put(t, id, d); err != nil {
		return err
	}
	return t.Put(ledger.BucketDeclinedKey, key, id[:])
}

// Declined returns the newest declined alerts by the time of their first occurrence,
// newest first. It selects those whose job matches of, and that are older than the one
// with the id before unless before is empty. A limit of 0 means [Limits.Default]; the
// maximum is [Limits.Most].
func (s *Entries) Declined(of episode.JobRef, before string, limit int) (out []episode.Declined, err error) {
	w, err := s.window(of, time.Time{}, time.Time{}, limit).EndBefore(before)
	if err != nil {
		return nil, fmt.Errorf("history: declined alerts: %w", err)
	}
	err = s.file.View(func(tx *bbolt.Tx) error {
		out, err = Declined.List(tx, w)
		return err
	})
	return out, err
}

// trimDeclined drops the oldest declined alerts until KeepDeclined remain.
func trimDeclined(t *ledger.Txn) error {
	b := t.Bucket([]byte(ledger.BucketDeclined))
	for b.Inspect().KeyN > KeepDeclined {
		k, _ := b.Cursor().First()
		if err := dropDeclined(t, ulid.ULID(k)); err != nil {
			return err
		}
	}
	return nil
}

func dropDeclined(t *ledger.Txn, id ulid.ULID) error {
	d, _, err := Declined.Get(t.Tx, id)
	if err != nil {
		return err
	}
	return Declined.Drop(t, id, d)
}

// forgetOccurrence drops the index entry of a declined alert.
func forgetOccurrence(t *ledger.Txn, _ ulid.ULID, d episode.Declined) error {
	return t.Delete(ledger.BucketDeclinedKey, declinedKey(d))
}

// declinedKey is equal for the same occurrence of an alert that was declined for the
// same reason. Without a fingerprint the subject of the alert identifies it.
func declinedKey(d episode.Declined) []byte {
	a := d.Alert
	text := fmt.Appendf(nil, "%q %q %d %q", a.Fingerprint, a.DedupeKey(), a.StartsAt.UnixNano(), d.Reason)
	sum := sha256.Sum256(text)
	return sum[:16]
}
