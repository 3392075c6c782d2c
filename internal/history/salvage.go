package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/history/boltfile"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
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

// savedMeta are the values that are kept: what is paused and locked out, the scores of the rules, and
// what the trends go on with.
var savedMeta = []string{ledger.KeyPaused, ledger.KeyLockedOut, ledger.KeyScores, ledger.KeyFiring, ledger.KeyMedians}

func saveMeta(t *ledger.Txn, key, value []byte) error {
	if !json.Valid(value) {
		return kinds.ErrUnreadable
	}
	if ledger.Get(t.Tx, ledger.BucketMeta, key) != nil {
		return nil
	}
	return t.Put(ledger.BucketMeta, key, value)
}

// salvageNext remembers the damaged file in the new history: a salvage that was interrupted goes on
// at the next start.
func salvageNext(t *ledger.Txn, damaged string) error {
	return t.PutJSON(ledger.BucketMeta, []byte(ledger.KeySalvage), damaged)
}

// salvage saves what can be read of the damaged file that the history remembers, if there is one. The
// error is that of ctx, or of the disk; then it goes on at the next call.
func (s *Store) salvage(ctx context.Context) error {
	var damaged string
	if err := s.getMeta(ledger.KeySalvage, &damaged); err != nil || damaged == "" {
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
	return s.update(func(t *ledger.Txn) error { return t.Delete(ledger.BucketMeta, []byte(ledger.KeySalvage)) })
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
	save       kinds.Saver
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

// saverOf is how the entries of a bucket are saved; false if they are not.
func saverOf(in ledger.Bucket) (save kinds.Saver, saved bool) {
	if in == ledger.BucketMeta {
		return saveMeta, true
	}
	save, saved = kinds.Savers[in]
	return save, saved
}

// add takes one entry; it implements boltfile.Visitor.
func (b *salvage) add(in, key, value []byte) {
	save, known := saverOf(ledger.Bucket(in))
	if !known || b.err != nil || ledger.Bucket(in) == ledger.BucketMeta && !slices.Contains(savedMeta, string(key)) {
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
	b.err = b.store.update(func(t *ledger.Txn) error {
		saved, unreadable = 0, 0
		for _, e := range b.batch {
			err := e.save(t, e.key, e.value)
			_, invalid := errors.AsType[*ledger.InvalidError](err)
			switch {
			case invalid || errors.Is(err, kinds.ErrUnreadable):
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
