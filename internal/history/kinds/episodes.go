package kinds

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// Episodes are stored twice: complete, and as summaries for lists. Both have one index
// by job.
var (
	Episodes = ledger.Timeline[episode.Episode]{
		Entries: ledger.BucketEpisodes, ByJob: ledger.BucketEpisodesJob, Limit: MaxEpisode, Of: jobOf,
	}
	Summaries = ledger.Timeline[episode.Episode]{
		Entries: ledger.BucketSummaries, ByJob: ledger.BucketEpisodesJob, Limit: MaxEpisode, Of: jobOf,
		Dropped: func(t *ledger.Txn, id ulid.ULID, e episode.Episode) error {
			if err := t.Delete(ledger.BucketEpisodesVertex, vertexKey(e.Vertex(), id)); err != nil {
				return err
			}
			return t.Delete(ledger.BucketEpisodes, id[:])
		},
	}
)

func jobOf(e episode.Episode) episode.JobRef { return e.Alert.JobRef() }

// order is the order of the states of an episode. An episode has only one final state.
var order = [][]episode.State{
	{episode.Opened},
	{episode.Profiling},
	{episode.Measuring},
	{episode.Advising},
	{episode.Announcing},
	{episode.Done, episode.Failed},
}

// BackwardError refuses an episode with an earlier state than the stored one.
type BackwardError struct {
	ID       string
	From, To episode.State
}

// Error names the refused change of state.
func (e *BackwardError) Error() string {
	if e.From == e.To {
		return fmt.Sprintf("episode %s is %s and can't be changed any more", e.ID, e.From)
	}
	return fmt.Sprintf("episode %s is %s and can't become %s", e.ID, e.From, e.To)
}

// Conflict marks an error of the caller, who contradicts the stored state.
func (e *BackwardError) Conflict() bool { return true }

// PutEpisode stores the present state of an episode. Storing the same state again
// changes nothing. The error is a [*BackwardError] if the stored state is later, or
// final and different, and an [*ledger.InvalidError] if the episode is too large or in the
// future. A stored end of the alert and stored further alerts, marks, outcomes and
// announcements do not change, see [Entries.PutAlertEnd], [Entries.PutTrigger], [Entries.PutMark],
// [Entries.PutOutcome] and [Entries.PutAnnouncement].
func (s *Entries) PutEpisode(e episode.Episode) error {
	id, err := s.checkID("episode", e.ID)
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	if rank(e.State) < 0 {
		return fmt.Errorf("history: episode %s: unknown state %q", e.ID, e.State)
	}
	return s.file.Update(func(t *ledger.Txn) error {
		stored, ok, err := Episodes.Get(t.Tx, id)
		if err != nil {
			return err
		}
		if ok && e.Alert.ResolvedAt.IsZero() {
			e.Alert.ResolvedAt = stored.Alert.ResolvedAt
		}
		if ok && len(stored.Triggers) > 0 {
			e.Triggers = stored.Triggers
		}
		if ok && len(stored.Marks) > 0 {
			e.Marks = stored.Marks
		}
		if ok && len(stored.Outcomes) > 0 {
			e.Outcomes = stored.Outcomes
		}
		if ok {
			e.Announcements = withStored(stored.Announcements, e.Announcements)
		}
		if ok && backward(stored, e) {
			return &BackwardError{ID: e.ID, From: stored.State, To: e.State}
		}
		if err := putBoth(t, id, e); err != nil {
			return err
		}
		if e.State.Final() {
			return t.Delete(ledger.BucketEpisodesOpen, id[:])
		}
		return t.Put(ledger.BucketEpisodesOpen, id[:], []byte{})
	})
}

// putBoth stores an episode and its summary, and its place in the index of vertices.
func putBoth(t *ledger.Txn, id ulid.ULID, e episode.Episode) error {
	if err := Episodes.Put(t, id, e); err != nil {
		return err
	}
	old, _, err := Summaries.Get(t.Tx, id)
	if err != nil {
		return err
	}
	summary := SummaryOf(e)
	if err := indexVertex(t, id, old, summary); err != nil {
		return err
	}
	return t.PutJSON(ledger.BucketSummaries, id[:], summary)
}

// amend changes the stored episode, in any state. It returns false if there is no such episode
// or change returns false. A transaction may be repeated, so change must not depend on what it
// did before.
func (s *Entries) amend(id string, change func(*episode.Episode) bool) (changed bool, err error) {
	key, err := ledger.ParseID(id)
	if err != nil {
		return false, fmt.Errorf("history: episode: %w", err)
	}
	err = s.file.Update(func(t *ledger.Txn) error {
		changed = false
		e, ok, err := Episodes.Get(t.Tx, key)
		if err != nil || !ok || !change(&e) {
			return err
		}
		changed = true
		return putBoth(t, key, e)
	})
	return changed && err == nil, err
}

// PutAlertEnd stores the time at which the alert of an episode ended, in any state of
// the episode. If the episode has an end already or does not exist, it changes nothing
// and returns false.
func (s *Entries) PutAlertEnd(id string, at time.Time) (stored bool, err error) {
	return s.amend(id, func(e *episode.Episode) bool {
		if !e.Alert.ResolvedAt.IsZero() {
			return false
		}
		e.Alert.ResolvedAt = at
		return true
	})
}

// PutTrigger stores a further alert of an episode, in any state of the episode. It replaces
// the stored one of the same occurrence, unless that has an end. If the episode does not
// exist or nothing changes, it returns false.
func (s *Entries) PutTrigger(id string, alert episode.Alert) (stored bool, err error) {
	return s.amend(id, func(e *episode.Episode) bool {
		at := slices.IndexFunc(e.Triggers, alert.SameOccurrence)
		switch {
		case at < 0:
			e.Triggers = append(e.Triggers, alert)
		case !e.Triggers[at].ResolvedAt.IsZero() || alert.ResolvedAt.IsZero():
			return false
		default:
			e.Triggers[at].ResolvedAt = alert.ResolvedAt
		}
		return true
	})
}

// PutAccounts completes the accounts of an episode's measurement, in any state of the
// episode. Without a measurement it changes nothing.
func (s *Entries) PutAccounts(id string, accounts []episode.Account) error {
	_, err := s.amend(id, func(e *episode.Episode) bool {
		if e.Measurement == nil {
			return false
		}
		e.Measurement.Accounts = accounts
		return true
	})
	return err
}

// Unfinished returns the episodes whose state is not final, oldest first.
func (s *Entries) Unfinished() ([]episode.Episode, error) {
	out := []episode.Episode{}
	err := s.file.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(ledger.BucketEpisodesOpen)).ForEach(func(id, _ []byte) error {
			e, ok, err := Episodes.Get(tx, ulid.ULID(id))
			if ok {
				out = append(out, e)
			}
			return err
		})
	})
	return out, err
}

func backward(stored, e episode.Episode) bool {
	if stored.State.Final() {
		return !sameJSON(stored, e)
	}
	return rank(e.State) < rank(stored.State)
}

// sameJSON compares the stored forms, in which the zone and the monotonic reading of a
// time make no difference.
func sameJSON(a, b episode.Episode) bool {
	ja, errA := json.Marshal(a)
	jb, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(ja, jb)
}

func rank(s episode.State) int {
	return slices.IndexFunc(order, func(states []episode.State) bool { return slices.Contains(states, s) })
}

// Episode returns one episode. It returns false if the id is not stored.
func (s *Entries) Episode(id string) (e episode.Episode, ok bool, err error) {
	key, err := ledger.ParseID(id)
	if err != nil {
		return e, false, fmt.Errorf("history: episode: %w", err)
	}
	err = s.file.View(func(tx *bbolt.Tx) error {
		e, ok, err = Episodes.Get(tx, key)
		return err
	})
	return e, ok, err
}

// Episodes returns summaries of the newest episodes, newest first. It selects those
// whose job matches of, and that are older than the episode with the id before unless
// before is empty. A limit of 0 means [Limits.Default]; the maximum is [Limits.Most]. A
// summary has no evidence and no frames of profiles. The summary of a very large
// episode omits more. [Entries.Episode] returns the complete episode.
func (s *Entries) Episodes(of episode.JobRef, before string, limit int) (out []episode.Episode, err error) {
	return s.VertexEpisodes("", of, before, limit)
}

// IsUnfinished reports whether the state of an episode is not final.
func IsUnfinished(_ ulid.ULID, e episode.Episode) bool { return !e.State.Final() }
