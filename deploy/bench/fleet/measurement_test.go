package fleet

import (
	"io"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// measurementBytes is what a history grows by for each standing measurement, between the first and
// the last of some thousands.
func measurementBytes(t *testing.T, probed bool) float64 {
	t.Helper()
	const first, last = 2000, 12_000
	config := history.Config{
		Path:      filepath.Join(t.TempDir(), "history.db"),
		Retention: model.Duration(10 * 365 * 24 * time.Hour),
	}
	store, err := history.Open(t.Context(), config, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer store.Close()
	random := rand.New(rand.NewPCG(1, 2))
	put := func(from, to int) int64 {
		for ; from < to; from += 1000 {
			var batch []episode.Measurement
			for i := from; i < from+1000; i++ {
				batch = append(batch, newMeasurement(random, i, probed))
			}
			require.NoError(t, store.PutMeasurement(batch...))
		}
		size, err := store.Backup(io.Discard)
		require.NoError(t, err)
		return size
	}
	before := put(0, first)
	return float64(put(first, last)-before) / (last - first)
}

// newMeasurement is that of a minute, with numbers of as many digits as measured ones.
func newMeasurement(random *rand.Rand, minute int, probed bool) episode.Measurement {
	at := time.Date(2025, 1, 1, 0, minute, 0, 123456789, time.UTC)
	number := func() *float64 { return new(1000 * random.Float64()) }
	m := episode.Measurement{
		ID: ulid.MustNewDefault(at).String(), Kind: episode.KindWindow, Cluster: "production", Job: "orders enrichment",
		JobID: "0123456789abcdef0123456789abcdef", EpochKey: "0123456789abcdef", Began: at, Ended: at.Add(time.Minute),
		Throughput: number(), Capacity: number(), CPUPerMillion: number(), Backlog: number(),
	}
	if !probed {
		return m
	}
	for _, hop := range []string{
		episode.HopAcknowledged, episode.HopIngested, "enriched", "alerts", episode.HopIndexed, episode.HopVisible,
	} {
		m.Hops = append(m.Hops, episode.Hop{
			Name: hop, Count: 24, P50: random.Float64(), P99: random.Float64(), Max: random.Float64(),
		})
	}
	for _, sink := range []string{"enriched", "alerts", "search"} {
		m.Accounts = append(m.Accounts, episode.Account{
			Sink: sink, Intended: 24, Outcomes: map[episode.RecordOutcome]int64{episode.OnTime: 24}, InOrder: 24,
		})
	}
	return m
}
