package probes

import (
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// accountsIn holds the accounts of one bucket during one transaction. Each account is
// read at its first change and written by save.
type accountsIn struct {
	in       ledger.Bucket
	accounts map[string]*episode.Account
}

// move subtracts the old state of a record at its sink and adds the new one. nil means
// that there is no such state.
func (b *accountsIn) move(tx *bbolt.Tx, was, is *episode.AtSink) error {
	for _, entry := range []struct {
		at *episode.AtSink
		by int64
	}{{was, -1}, {is, +1}} {
		if entry.at == nil {
			continue
		}
		a, err := b.account(tx, entry.at.Sink)
		if err != nil {
			return err
		}
		a.Enter(*entry.at, entry.by)
	}
	return nil
}

func (b *accountsIn) account(tx *bbolt.Tx, sink string) (*episode.Account, error) {
	if a, ok := b.accounts[sink]; ok {
		return a, nil
	}
	a := &episode.Account{Sink: sink}
	if _, err := ledger.GetJSON(tx, b.in, []byte(sink), a); err != nil {
		return nil, err
	}
	if a.Outcomes == nil {
		a.Outcomes = map[episode.RecordOutcome]int64{}
	}
	if b.accounts == nil {
		b.accounts = map[string]*episode.Account{}
	}
	b.accounts[sink] = a
	return a, nil
}

func (b *accountsIn) save(t *ledger.Txn) error {
	for sink, a := range b.accounts {
		if err := t.PutJSON(b.in, []byte(sink), a); err != nil {
			return err
		}
	}
	return nil
}

// readAccounts returns the accounts of a bucket, sorted by sink.
func readAccounts(tx *bbolt.Tx, in ledger.Bucket) ([]episode.Account, error) {
	out := []episode.Account{}
	err := tx.Bucket([]byte(in)).ForEach(func(sink, _ []byte) error {
		var a episode.Account
		if _, err := ledger.GetJSON(tx, in, sink, &a); err != nil {
			return err
		}
		out = append(out, a)
		return nil
	})
	return out, err
}
