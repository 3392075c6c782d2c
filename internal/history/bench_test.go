package history

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// BenchmarkPutEpisode writes one episode at a time, and for comparison the same bytes
// with bbolt only.
func BenchmarkPutEpisode(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, options(nil))
		require.NoError(b, err)
		defer db.Close()
		value := make([]byte, 300)
		for n := range b.N {
			require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
				bucket, err := tx.CreateBucketIfNotExists([]byte("b"))
				require.NoError(b, err)
				return bucket.Put(ledger.EncodeUint(uint64(n)), value)
			}))
		}
	})
	b.Run("history", func(b *testing.B) {
		s, err := Open(b.Context(), configFor(filepath.Join(b.TempDir(), "h.db")), quiet())
		require.NoError(b, err)
		defer s.Close()
		for n := range b.N {
			require.NoError(b, s.PutEpisode(newEpisode(n, "orders", episode.Opened)))
		}
	})
}

// BenchmarkOpen opens a history of 100,000 measurements. Most of the time is the
// inspection.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "h.db")
	s, err := Open(b.Context(), configFor(path), quiet())
	require.NoError(b, err)
	for n := range 100 {
		var ms []episode.Measurement
		for m := range 1000 {
			ms = append(ms, newMeasurement(n*1000+m, "orders"))
		}
		require.NoError(b, s.PutMeasurement(ms...))
	}
	require.NoError(b, s.Close())
	for b.Loop() {
		s, err := Open(b.Context(), configFor(path), quiet())
		require.NoError(b, err)
		require.NoError(b, s.Close())
	}
}

// BenchmarkNewest lists the newest twenty of 2,000 episodes.
func BenchmarkNewest(b *testing.B) {
	s, err := Open(b.Context(), configFor(filepath.Join(b.TempDir(), "h.db")), quiet())
	require.NoError(b, err)
	defer s.Close()
	for n := range 2_000 {
		require.NoError(b, s.PutEpisode(newEpisode(n, "orders", episode.Opened)))
	}
	for b.Loop() {
		got, err := s.Episodes(episode.JobRef{Job: "orders"}, "", 20)
		require.NoError(b, err)
		require.Len(b, got, 20)
	}
}
