package results

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
)

// TestHeadroomOutlivesARestart has a rate that an earlier process found, and an input that
// grows from one day to the next.
func TestHeadroomOutlivesARestart(t *testing.T) {
	store := historytest.Open(t)
	now := time.Now().UTC().Add(-24 * time.Hour)
	older, newer := 500.0, 1000.0
	for i, rate := range []*float64{&older, &newer, nil} {
		at := now.Add(time.Duration(i-10) * time.Minute)
		require.NoError(t, store.PutScaleTest(episode.ScaleTest{
			ID: historytest.IDAt(at), Run: "r", Label: "l", Cluster: "c", Job: "j",
			Began: at, Verdict: episode.ScaleOK, Sustainable: &episode.Sustainable{Rate: rate},
		}))
	}
	measure := func(from time.Time, rate float64) {
		for i := range 30 {
			at := from.Add(time.Duration(i) * time.Minute)
			require.NoError(t, store.PutMeasurement(episode.Measurement{
				ID: historytest.IDAt(at), Kind: episode.KindWindow, Began: at,
				Ended: at.Add(time.Minute), Cluster: "c", Job: "j", Throughput: &rate,
			}))
		}
	}
	live := NewLiveTest()
	h := &Headroom{Store: store, Live: live, Log: slog.New(slog.DiscardHandler)}
	h.restore()
	h.update(now)
	job := episode.JobRef{Cluster: "c", Job: "j"}
	require.InDelta(t, 1000, live.sustainable[job], 0)
	require.NotContains(t, live.headroom, job, "an unknown input is not zero")
	measure(now.Add(-2*time.Hour), 100)
	h.update(now)
	require.InDelta(t, 10, live.headroom[job], 0)
	require.InDelta(t, 100, live.input[job], 0)
	measure(now.Add(24*time.Hour-time.Hour), 250)
	h.update(now.Add(24 * time.Hour))
	require.InDelta(t, 4, live.headroom[job], 0)
}
