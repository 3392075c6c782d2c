package results

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
)

// stepped stores 40 blocks of ten minutes up to now; the capacity of the last 20 is 20 % lower.
func stepped(t *testing.T, store *history.Store, now time.Time) {
	t.Helper()
	const block = 10 * time.Minute
	began := now.Add(-40 * block)
	_, err := store.PutEpoch(episode.Epoch{Key: "only", Cluster: "prod", Job: "orders", Began: began})
	require.NoError(t, err)
	var ms []episode.Measurement
	for i := range 40 {
		capacity := 1000 + float64(i%3)
		if i >= 20 {
			capacity *= 0.8
		}
		at := began.Add(time.Duration(i) * block)
		ms = append(ms, episode.Measurement{
			ID: historytest.IDAt(at), Kind: episode.KindWindow, Cluster: "prod", Job: "orders", EpochKey: "only", Began: at,
			Ended: at.Add(block), Throughput: new(100.0), Capacity: &capacity,
		})
	}
	require.NoError(t, store.PutMeasurement(ms...))
}

// TestChangePointsAreCounted: a change is untriaged until a person says that it is real.
func TestChangePointsAreCounted(t *testing.T) {
	store := historytest.Open(t)
	now := time.Now().UTC().Truncate(time.Hour)
	c := &ChangePoints{
		Store: store, block: 10 * time.Minute, log: slog.New(slog.DiscardHandler), now: func() time.Time { return now },
		triaged: make(chan struct{}, 1),
	}
	require.Zero(t, testutil.CollectAndCount(c), "nothing is known before the first look")
	require.NoError(t, c.look(t.Context()))
	require.Zero(t, testutil.CollectAndCount(c), "nothing was measured")
	stepped(t, store, now)
	require.NoError(t, c.look(t.Context()))
	require.Equal(t, 3, testutil.CollectAndCount(c))
	require.Len(t, c.Points(), 1)
	counts := func(untriaged, positive string) {
		t.Helper()
		require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(`
# HELP flink_sidecar_change_points Change points in the standing measurements: untriaged ones of the last 14 days, and all that people called positive (real) or negative. A job with too few measurements has no series.
# TYPE flink_sidecar_change_points gauge
flink_sidecar_change_points{cluster="prod",job="orders",state="negative"} 0
flink_sidecar_change_points{cluster="prod",job="orders",state="positive"} `+positive+`
flink_sidecar_change_points{cluster="prod",job="orders",state="untriaged"} `+untriaged+`
`), "flink_sidecar_change_points"))
	}
	counts("1", "0")
	report, err := routes.FindChangePoints(c, api.ChangeQuery{Block: "10m"}, now)
	require.NoError(t, err)
	require.Len(t, report.Points, 1)
	_, err = routes.Triage(c, api.TriageRequest{ID: report.Points[0].ID, State: episode.Positive, Block: "10m"}, now)
	require.NoError(t, err)
	require.Len(t, c.triaged, 1, "the next look is asked for")
	require.NoError(t, c.look(t.Context()))
	counts("0", "1")
	require.Equal(t, 5, testutil.CollectAndCount(c), "and the precision")
}

// TestChangePointsAreLookedForEachBlock and after a triage, until the context ends.
func TestChangePointsAreLookedForEachBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := historytest.Open(t)
		stepped(t, store, time.Now().UTC())
		var looks atomic.Int32
		c := &ChangePoints{
			Store: store, block: time.Hour, log: slog.New(slog.DiscardHandler), triaged: make(chan struct{}, 1),
			now: func() time.Time { looks.Add(1); return time.Now() },
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()
		synctest.Wait()
		require.EqualValues(t, 1, looks.Load())
		c.triaged <- struct{}{}
		synctest.Wait()
		require.EqualValues(t, 2, looks.Load())
		time.Sleep(time.Hour)
		synctest.Wait()
		require.EqualValues(t, 3, looks.Load())
		stop()
		require.NoError(t, <-ended)
	})
}
