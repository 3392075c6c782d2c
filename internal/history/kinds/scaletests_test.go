package kinds

import (
	"path/filepath"
	"testing"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// TestAddComparedIsBounded: a migration holds what it writes in memory. Tests that it leaves out are
// read from the whole.
func TestAddComparedIsBounded(t *testing.T) {
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "h.db"), 0o600, nil)
	require.NoError(t, err)
	defer db.Close()
	id := func(n int) (id ulid.ULID) {
		_ = id.SetTime(uint64(n)) // fails only in the year 10889
		return id
	}
	const more = comparedAtOnce + 3
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		_, err := ledger.Write(tx, func(txn *ledger.Txn) error {
			require.NoError(t, txn.Create(ledger.BucketScaleTests))
			for n := range more {
				at := id(n)
				test := storedScaleTest{scaleTestVersion, scalerun.Test{ID: at.String(), Label: "base"}}
				require.NoError(t, txn.PutJSON(ledger.BucketScaleTests, at[:], test))
			}
			return AddCompared(txn)
		})
		return err
	}))
	require.NoError(t, db.View(func(tx *bbolt.Tx) error {
		require.Equal(t, comparedAtOnce, tx.Bucket([]byte(ledger.BucketScaleTestsCompared)).Inspect().KeyN)
		for _, n := range []int{0, more - 1} {
			at := id(n)
			require.Equal(t, n > 0, ledger.Get(tx, ledger.BucketScaleTestsCompared, at[:]) != nil, "the newest")
			stored, ok, err := comparedTests.Get(tx, at)
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, "base", stored.Test.Label)
		}
		return nil
	}))
}
