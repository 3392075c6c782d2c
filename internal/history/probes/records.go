package probes

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log/slog"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// keepFinished is the number of finished records that are kept, for audits and for the
// page.
const keepFinished = 4096

// Records accounts for every probe record ever intended. Per sink it holds
//
//	intended = not_sent + produce_failed + pending + on_time + late + lost
//
// through crashes, replays and retries, because it does not add the numbers of a
// caller. It compares each record with the stored one and changes the totals by the
// difference, in the transaction that stores the record. So the same state put twice
// counts once.
//
// A final outcome does not change. The attributes outside the sum only grow: the
// duplicates of a sink, whether it saw the record, and the latency.
//
// Finished records beyond the newest 4,096 are forgotten. Their numbers move to
// separate accounts, so that [Records.Verify] can still compute the totals from
// scratch.
type Records struct {
	file   ledger.File
	logger *slog.Logger
	// Keep is how many finished records are kept; set it before use.
	Keep int
}

// New returns the records of a file.
func New(file ledger.File, logger *slog.Logger) *Records {
	return &Records{file: file, logger: logger, Keep: keepFinished}
}

// Put stores the present state of records, all or none, and changes the totals by the
// difference. It is idempotent. If a record occurs more than once in records, the last
// state counts. It refuses to change a final outcome and to change the set of sinks of
// a record.
//
// A forgotten record can't be compared any more, so later states of it are logged and
// ignored.
func (l *Records) Put(records []episode.ProbeRecord) error {
	if len(records) == 0 {
		return nil
	}
	return l.file.Update(func(t *ledger.Txn) error {
		totals := accountsIn{in: ledger.BucketProbeTotals}
		last := map[string]int{}
		for i, r := range records {
			last[r.Seed] = i
		}
		for i, r := range records {
			if last[r.Seed] != i {
				continue
			}
			if err := l.enter(t, &totals, r); err != nil {
				return err
			}
		}
		if err := l.trim(t); err != nil {
			return err
		}
		return totals.save(t)
	})
}

func (l *Records) enter(t *ledger.Txn, totals *accountsIn, r episode.ProbeRecord) error {
	if err := valid(r, l.file.Now()); err != nil {
		return err
	}
	var old episode.ProbeRecord
	known, err := ledger.GetJSON(t.Tx, ledger.BucketProbeRecords, []byte(r.Seed), &old)
	if err != nil {
		return err
	}
	if known {
		if r, err = mergeRecord(old, r); err != nil {
			return err
		}
	} else if forgotten(t.Tx, r) {
		l.logger.Warn("Probe record is not in history any more: its later changes are not counted",
			"seed", r.Seed)
		return nil
	}
	for i, s := range r.Sinks {
		if err := totals.move(t.Tx, before(old, i), &s); err != nil {
			return err
		}
	}
	if err := l.index(t, r, known && !old.Open()); err != nil {
		return err
	}
	data, err := ledger.Encode("probe record "+r.Seed, r, MaxRecord)
	if err != nil {
		return err
	}
	return t.Put(ledger.BucketProbeRecords, []byte(r.Seed), data)
}

// index adds a record to the index of open or of finished ones. A record that had
// finished before is already in it.
func (l *Records) index(t *ledger.Txn, r episode.ProbeRecord, hadFinished bool) error {
	if r.Open() {
		return t.Put(ledger.BucketProbeOpen, []byte(r.Seed), []byte{})
	}
	if hadFinished {
		return nil
	}
	if err := t.Delete(ledger.BucketProbeOpen, []byte(r.Seed)); err != nil {
		return err
	}
	last, _ := t.Bucket([]byte(ledger.BucketProbeFinished)).Cursor().Last()
	value := append(ledger.EncodeUint(uint64(l.file.Now().UnixNano())), r.Seed...)
	return t.Put(ledger.BucketProbeFinished, ledger.EncodeUint(ledger.DecodeUint(last)+1), value)
}

// Open returns the records to watch after a restart: those pending at some sink, and
// those that finished less than watchFor ago.
func (l *Records) Open(watchFor time.Duration) ([]episode.ProbeRecord, error) {
	out := []episode.ProbeRecord{}
	since := l.file.Now().Add(-watchFor)
	err := l.file.View(func(tx *bbolt.Tx) error {
		err := tx.Bucket([]byte(ledger.BucketProbeOpen)).ForEach(func(seed, _ []byte) error {
			return appendRecord(tx, seed, &out)
		})
		if err != nil {
			return err
		}
		return tx.Bucket([]byte(ledger.BucketProbeFinished)).ForEach(func(_, value []byte) error {
			if at, seed := decodeFinished(value); at.After(since) {
				return appendRecord(tx, seed, &out)
			}
			return nil
		})
	})
	return out, err
}

// Recent returns the n newest records, those of the newest round first. It returns all
// kept records if n is 0 or less.
func (l *Records) Recent(n int) ([]episode.ProbeRecord, error) {
	out := []episode.ProbeRecord{}
	err := l.Each("", func(r episode.ProbeRecord) bool {
		out = append(out, r)
		return n <= 0 || len(out) < n
	})
	return out, err
}

// Each shows the kept records to look, those of the newest round first, until it returns
// false. It begins behind the record with the seed before, whether that is kept or not, or with
// the newest one if before is empty. look must not write to the history.
func (l *Records) Each(before string, look func(episode.ProbeRecord) bool) error {
	return l.file.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket([]byte(ledger.BucketProbeRecords)).Cursor()
		for seed := lastBefore(c, before); seed != nil; seed, _ = c.Prev() {
			var one []episode.ProbeRecord
			if err := appendRecord(tx, seed, &one); err != nil {
				return err
			}
			if !look(one[0]) {
				return nil
			}
		}
		return nil
	})
}

// lastBefore moves a cursor to the last key before one, or to the last key if that is empty.
func lastBefore(c *bbolt.Cursor, before string) (key []byte) {
	if before != "" {
		if at, _ := c.Seek([]byte(before)); at != nil {
			key, _ = c.Prev()
			return key
		}
	}
	key, _ = c.Last()
	return key
}

// Intended returns the kept records that were due at or after from and before to. forgotten
// is the latest due time of a record that is not kept any more; zero if there is none.
func (l *Records) Intended(from, to time.Time) (
	records []episode.ProbeRecord, forgotten time.Time, err error,
) {
	err = l.file.View(func(tx *bbolt.Tx) error {
		forgotten = forgottenUntil(tx)
		return tx.Bucket([]byte(ledger.BucketProbeRecords)).ForEach(func(seed, _ []byte) error {
			var one []episode.ProbeRecord
			if err := appendRecord(tx, seed, &one); err != nil {
				return err
			}
			if due := one[0].Intended; !due.Before(from) && due.Before(to) {
				records = append(records, one[0])
			}
			return nil
		})
	})
	return records, forgotten, err
}

// Totals returns the account of each sink since the history began, sorted by sink.
func (l *Records) Totals() (out []episode.Account, err error) {
	err = l.file.View(func(tx *bbolt.Tx) error {
		out, err = readAccounts(tx, ledger.BucketProbeTotals)
		return err
	})
	return out, err
}

func appendRecord(tx *bbolt.Tx, seed []byte, out *[]episode.ProbeRecord) error {
	var r episode.ProbeRecord
	ok, err := ledger.GetJSON(tx, ledger.BucketProbeRecords, seed, &r)
	if err == nil && !ok {
		err = fmt.Errorf("probe record %q is in an index but has no entry", seed)
	}
	if err != nil {
		return err
	}
	*out = append(*out, r)
	return nil
}

func decodeFinished(value []byte) (at time.Time, seed []byte) {
	return time.Unix(0, int64(binary.BigEndian.Uint64(value))), bytes.Clone(value[8:])
}
