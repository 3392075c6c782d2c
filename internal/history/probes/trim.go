package probes

import (
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// trim forgets the oldest finished records until keep remain. Their sequence numbers
// have no gaps, so the first and the last give the count.
func (l *Records) trim(t *ledger.Txn) error {
	c := t.Bucket([]byte(ledger.BucketProbeFinished)).Cursor()
	first, _ := c.First()
	last, _ := c.Last()
	from, to := ledger.DecodeUint(first), ledger.DecodeUint(last)
	past := accountsIn{in: ledger.BucketProbeForgotten}
	for ; last != nil && to-from >= uint64(l.Keep); from++ {
		if err := forget(t, &past, ledger.EncodeUint(from)); err != nil {
			return err
		}
	}
	return past.save(t)
}

// forget removes one finished record and adds it to the accounts of forgotten records.
func forget(t *ledger.Txn, past *accountsIn, sequence []byte) error {
	_, seed := decodeFinished(ledger.Get(t.Tx, ledger.BucketProbeFinished, sequence))
	var r episode.ProbeRecord
	if _, err := ledger.GetJSON(t.Tx, ledger.BucketProbeRecords, seed, &r); err != nil {
		return err
	}
	for _, s := range r.Sinks {
		if err := past.move(t.Tx, nil, &s); err != nil {
			return err
		}
	}
	if until := forgottenUntil(t.Tx); r.Intended.After(until) {
		if err := t.Put(ledger.BucketMeta, []byte(ledger.KeyForgottenUntil), ledger.EncodeUint(uint64(r.Intended.UnixNano()))); err != nil {
			return err
		}
	}
	if err := t.Delete(ledger.BucketProbeRecords, seed); err != nil {
		return err
	}
	return t.Delete(ledger.BucketProbeFinished, sequence)
}

// forgotten reports whether a missing record was stored once, so that putting it would
// count it twice. A new record is pending at some sink, or was never sent. A record
// that is put with a final outcome, and was due no later than some forgotten record,
// was stored before.
func forgotten(tx *bbolt.Tx, r episode.ProbeRecord) bool {
	isNew := r.Open() || !slices.ContainsFunc(r.Sinks,
		func(s episode.AtSink) bool { return s.Outcome != episode.NotSent })
	return !isNew && !r.Intended.After(forgottenUntil(tx))
}

func forgottenUntil(tx *bbolt.Tx) time.Time {
	value := ledger.Get(tx, ledger.BucketMeta, []byte(ledger.KeyForgottenUntil))
	if value == nil {
		return time.Time{}
	}
	return time.Unix(0, int64(ledger.DecodeUint(value)))
}
