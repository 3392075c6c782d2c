package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/boltfile"
)

// Salvaged counts what a new history got of a damaged one.
type Salvaged struct {
	// Saved are the entries that were readable, Unreadable those that were not. LostPages are the
	// pages of the file that could not be read, each with an unknown number of entries.
	Saved, Unreadable, LostPages int
}

// Salvaged is what this process got of the last damaged file.
func (s *Store) Salvaged() Salvaged {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.salvaged
}

// errUnreadable: the entry is not one that the sidecar wrote.
var errUnreadable = errors.New("unreadable entry")

// saver stores an entry of a damaged file anew, with its indexes.
type saver func(t *txn, key, value []byte) error

// savers are the kinds that are saved. The account of the probe is not: it must be whole, or begin
// anew.
var savers = map[bucket]saver{
	bucketMeta: saveMeta,
	bucketEpisodes: saveAs(bucketEpisodes, func(e episode.Episode) string { return e.ID },
		func(t *txn, id ulid.ULID, e episode.Episode) error {
			if rank(e.State) < 0 {
				return errUnreadable
			}
			if err := putBoth(t, id, e); err != nil || e.State.Final() {
				return err
			}
			return t.put(bucketEpisodesOpen, id[:], []byte{})
		}),
	bucketMeasures: saveAs(bucketMeasures, func(m episode.Measurement) string { return m.ID }, measurements.put),
	bucketEpochs:   saveAs(bucketEpochs, func(e episode.Epoch) string { return epochID(e).String() }, epochs.put),
	bucketScaleTests: saveAs(bucketScaleTests, func(s storedScaleTest) string { return s.Test.ID },
		func(t *txn, id ulid.ULID, s storedScaleTest) error {
			if s.Version != scaleTestVersion {
				return errUnreadable
			}
			return putScaleTest(t, id, s.Test)
		}),
	bucketEvaluations: saveAs(bucketEvaluations, func(e episode.Evaluation) string { return e.ID }, evaluations.put),
	bucketTriage:      saveAs(bucketTriage, func(one episode.Triage) string { return one.ID }, triages.put),
	bucketDeclined: saveAs(bucketDeclined, func(d episode.Declined) string { return d.ID },
		func(t *txn, id ulid.ULID, d episode.Declined) error {
			if err := declined.put(t, id, d); err != nil {
				return err
			}
			return t.put(bucketDeclinedKey, declinedKey(d), id[:])
		}),
}

// saveAs stores an entry whose key is its own id, unless the new history has it.
func saveAs[T any](in bucket, idOf func(T) string, put func(*txn, ulid.ULID, T) error) saver {
	return func(t *txn, key, value []byte) error {
		var v T
		if len(key) != len(ulid.ULID{}) || json.Unmarshal(value, &v) != nil || idOf(v) != ulid.ULID(key).String() {
			return errUnreadable
		}
		if get(t.Tx, in, key) != nil {
			return nil
		}
		return put(t, ulid.ULID(key), v)
	}
}

// savedMeta are the values that are kept: what is paused and locked out, the scores of the rules, and
// what the trends go on with.
var savedMeta = []string{keyPaused, keyLockedOut, keyScores, keyFiring, keyMedians}

func saveMeta(t *txn, key, value []byte) error {
	if !json.Valid(value) {
		return errUnreadable
	}
	if get(t.Tx, bucketMeta, key) != nil {
		return nil
	}
	return t.put(bucketMeta, key, value)
}

// salvageNext remembers the damaged file in the new history: a salvage that was interrupted goes on
// at the next start.
func salvageNext(t *txn, damaged string) error {
	return t.putJSON(bucketMeta, []byte(keySalvage), damaged)
}

// salvage saves what can be read of the damaged file that the history remembers, if there is one. The
// error is that of ctx, or of the disk; then it goes on at the next call.
func (s *Store) salvage(ctx context.Context) error {
	var damaged string
	if err := s.getMeta(keySalvage, &damaged); err != nil || damaged == "" {
		return err
	}
	b := &salvage{store: s}
	err := b.file(ctx, damaged)
	s.mu.Lock()
	s.salvaged = b.counts
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("salvage of %s: %w", damaged, err)
	}
	s.logger.Warn("Of the damaged history what can be read is in the new one. A value may have been damaged: compare "+
		"with a backup", "saved", b.counts.Saved, "unreadable", b.counts.Unreadable, "lost_pages", b.counts.LostPages,
		"from", damaged)
	return s.update(func(t *txn) error { return t.delete(bucketMeta, []byte(keySalvage)) })
}

// salvageBatch is the size of a transaction in bytes.
const salvageBatch = 1 << 20

// salvage saves the entries of one file.
type salvage struct {
	store  *Store
	counts Salvaged
	batch  []rawEntry
	size   int
	err    error // the first; nothing is saved after it
}

// rawEntry is an entry as it is in the file.
type rawEntry struct {
	save       saver
	key, value []byte
}

// file saves the entries of a file. One without any is no error.
func (b *salvage) file(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil // somebody has removed it
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	b.counts.LostPages, err = boltfile.Salvage(readerUntil{ctx, f}, info.Size(), b.add)
	if err != nil && !errors.Is(err, boltfile.ErrDamaged) {
		return err
	}
	b.flush()
	return b.err
}

// add takes one entry; it implements boltfile.Visitor.
func (b *salvage) add(in, key, value []byte) {
	save, known := savers[bucket(in)]
	if !known || b.err != nil || bucket(in) == bucketMeta && !slices.Contains(savedMeta, string(key)) {
		return
	}
	b.batch = append(b.batch, rawEntry{save, bytes.Clone(key), bytes.Clone(value)})
	if b.size += len(key) + len(value); b.size > salvageBatch {
		b.flush()
	}
}

// flush saves the entries that were taken.
func (b *salvage) flush() {
	if b.err != nil || len(b.batch) == 0 {
		return
	}
	var saved, unreadable int
	b.err = b.store.update(func(t *txn) error {
		saved, unreadable = 0, 0
		for _, e := range b.batch {
			err := e.save(t, e.key, e.value)
			_, invalid := errors.AsType[*InvalidError](err)
			switch {
			case invalid || errors.Is(err, errUnreadable):
				unreadable++
			case err != nil:
				return err
			default:
				saved++
			}
		}
		return nil
	})
	if b.err == nil {
		b.counts.Saved, b.counts.Unreadable = b.counts.Saved+saved, b.counts.Unreadable+unreadable
	}
	b.batch, b.size = nil, 0
}

// goOnSalvaging salvages a file that was found damaged while the store was open. A failure is tried
// again with the next look at the file.
func (s *Store) goOnSalvaging(ctx context.Context) {
	if err := s.salvage(ctx); err != nil && ctx.Err() == nil {
		s.logger.Warn("The damaged history cannot be read now", "err", err)
	}
}
