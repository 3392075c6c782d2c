package probes

import (
	"encoding/json"
	"fmt"
	"maps"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// Verify adds up all kept records and the accounts of the forgotten ones. It returns an
// error if the sum differs from the totals, if an account does not balance, or if an
// index does not match the records.
func (l *Records) Verify() error {
	return l.file.View(func(tx *bbolt.Tx) error {
		a := audit{sums: accountsIn{in: ledger.BucketProbeForgotten}, open: map[string]int{}, finished: map[string]int{}}
		if err := a.addUp(tx); err != nil {
			return err
		}
		if err := a.checkTotals(tx); err != nil {
			return err
		}
		return a.checkIndexes(tx)
	})
}

// audit is the result of counting the records, without using the totals or the indexes.
type audit struct {
	sums           accountsIn // initially the accounts of the forgotten records
	open, finished map[string]int
}

func (a *audit) addUp(tx *bbolt.Tx) error {
	past, err := readAccounts(tx, ledger.BucketProbeForgotten)
	if err != nil {
		return err
	}
	for _, account := range past {
		if _, err := a.sums.account(tx, account.Sink); err != nil {
			return err
		}
	}
	return tx.Bucket([]byte(ledger.BucketProbeRecords)).ForEach(func(seed, _ []byte) error {
		var r episode.ProbeRecord
		if _, err := ledger.GetJSON(tx, ledger.BucketProbeRecords, seed, &r); err != nil {
			return err
		}
		if r.Open() {
			a.open[string(seed)]++
		} else {
			a.finished[string(seed)]++
		}
		for _, s := range r.Sinks {
			if err := a.sums.move(tx, nil, &s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *audit) checkTotals(tx *bbolt.Tx) error {
	totals, err := readAccounts(tx, ledger.BucketProbeTotals)
	if err != nil {
		return err
	}
	for _, total := range totals {
		sum, ok := a.sums.accounts[total.Sink]
		if !ok {
			sum = &episode.Account{Sink: total.Sink, Outcomes: map[episode.RecordOutcome]int64{}}
		}
		said, _ := json.Marshal(total)
		found, _ := json.Marshal(sum)
		if string(said) != string(found) {
			return fmt.Errorf("probe records: the totals say %s, the records add up to %s", said, found)
		}
		if !total.Balanced() {
			return fmt.Errorf("probe records: the account does not balance: %s", said)
		}
	}
	if len(totals) != len(a.sums.accounts) {
		return fmt.Errorf("probe records: %d sinks have totals, %d have records", len(totals), len(a.sums.accounts))
	}
	return nil
}

func (a *audit) checkIndexes(tx *bbolt.Tx) error {
	open, finished := map[string]int{}, map[string]int{}
	_ = tx.Bucket([]byte(ledger.BucketProbeOpen)).ForEach(func(seed, _ []byte) error {
		open[string(seed)]++
		return nil
	})
	_ = tx.Bucket([]byte(ledger.BucketProbeFinished)).ForEach(func(_, value []byte) error {
		_, seed := decodeFinished(value)
		finished[string(seed)]++
		return nil
	})
	if !maps.Equal(open, a.open) || !maps.Equal(finished, a.finished) {
		return fmt.Errorf("probe records: %d records are open and %d in the index of open ones, "+
			"%d are finished and %d in the index of finished ones",
			len(a.open), len(open), len(a.finished), len(finished))
	}
	return nil
}
