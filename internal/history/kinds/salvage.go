package kinds

import (
	"encoding/json"
	"errors"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// ErrUnreadable says that the entry is not one that the sidecar wrote.
var ErrUnreadable = errors.New("unreadable entry")

// Saver stores an entry of a damaged file anew, with its indexes.
type Saver func(t *ledger.Txn, key, value []byte) error

// Savers are the kinds that are saved. The account of the probe is not: it must be whole, or begin
// anew.
var Savers = map[ledger.Bucket]Saver{
	ledger.BucketEpisodes: saveAs(ledger.BucketEpisodes, func(e episode.Episode) string { return e.ID },
		func(t *ledger.Txn, id ulid.ULID, e episode.Episode) error {
			if rank(e.State) < 0 {
				return ErrUnreadable
			}
			if err := putBoth(t, id, e); err != nil || e.State.Final() {
				return err
			}
			return t.Put(ledger.BucketEpisodesOpen, id[:], []byte{})
		}),
	ledger.BucketMeasures: saveAs(ledger.BucketMeasures,
		func(m episode.Measurement) string { return m.ID }, Measurements.Put),
	ledger.BucketEpochs: saveAs(ledger.BucketEpochs,
		func(e episode.Epoch) string { return epochID(e).String() }, Epochs.Put),
	ledger.BucketScaleTests: saveAs(ledger.BucketScaleTests, func(s storedScaleTest) string { return s.Test.ID },
		func(t *ledger.Txn, id ulid.ULID, s storedScaleTest) error {
			if s.Version != scaleTestVersion {
				return ErrUnreadable
			}
			return putScaleTest(t, id, s.Test)
		}),
	ledger.BucketEvaluations: saveAs(ledger.BucketEvaluations,
		func(e episode.Evaluation) string { return e.ID }, Evaluations.Put),
	ledger.BucketTriage: saveAs(ledger.BucketTriage, func(one episode.Triage) string { return one.ID }, Triages.Put),
	ledger.BucketDeclined: saveAs(ledger.BucketDeclined, func(d episode.Declined) string { return d.ID },
		func(t *ledger.Txn, id ulid.ULID, d episode.Declined) error {
			if err := Declined.Put(t, id, d); err != nil {
				return err
			}
			return t.Put(ledger.BucketDeclinedKey, declinedKey(d), id[:])
		}),
}

// saveAs stores an entry whose key is its own id, unless the new history has it.
func saveAs[T any](in ledger.Bucket, idOf func(T) string, put func(*ledger.Txn, ulid.ULID, T) error) Saver {
	return func(t *ledger.Txn, key, value []byte) error {
		var v T
		if len(key) != len(ulid.ULID{}) || json.Unmarshal(value, &v) != nil || idOf(v) != ulid.ULID(key).String() {
			return ErrUnreadable
		}
		if ledger.Get(t.Tx, in, key) != nil {
			return nil
		}
		return put(t, ulid.ULID(key), v)
	}
}
