package history

import (
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// trim forgets the oldest finished records until keep remain. Their sequence numbers
// have no gaps, so the first and the last give the count.
func (l *ProbeRecords) trim(t *txn) error {
	c := t.Bucket([]byte(bucketProbeFinished)).Cursor()
	first, _ := c.First()
	last, _ := c.Last()
	from, to := decodeUint(first), decodeUint(last)
	past := accountsIn{in: bucketProbeForgotten}
	for ; last != nil && to-from >= uint64(l.keep); from++ {
		if err := forget(t, &past, encodeUint(from)); err != nil {
			return err
		}
	}
	return past.save(t)
}

// forget removes one finished record and adds it to the accounts of forgotten records.
func forget(t *txn, past *accountsIn, sequence []byte) error {
	_, seed := decodeFinished(get(t.Tx, bucketProbeFinished, sequence))
	var r episode.ProbeRecord
	if _, err := getJSON(t.Tx, bucketProbeRecords, seed, &r); err != nil {
		return err
	}
	for _, s := range r.Sinks {
		if err := past.move(t.Tx, nil, &s); err != nil {
			return err
		}
	}
	if until := forgottenUntil(t.Tx); r.Intended.After(until) {
		if err := t.put(bucketMeta, []byte(keyForgottenUntil), encodeUint(uint64(r.Intended.UnixNano()))); err != nil {
			return err
		}
	}
	if err := t.delete(bucketProbeRecords, seed); err != nil {
		return err
	}
	return t.delete(bucketProbeFinished, sequence)
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
	value := get(tx, bucketMeta, []byte(keyForgottenUntil))
	if value == nil {
		return time.Time{}
	}
	return time.Unix(0, int64(decodeUint(value)))
}
