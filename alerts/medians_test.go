package alerts

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// TestARestartDoesNotMakeASlowHourTheNormal starts anew while a job is slow.
func TestARestartDoesNotMakeASlowHourTheNormal(t *testing.T) {
	c := configured(t, "settle: 0s\nfor: 1m\nwindow: 30m")
	o := signal.Observation{
		Signal: "capacity", Labels: snapshot.Labels{Job: "orders"}, EpochKey: "e1", Sample: series.Sample{T: began},
	}
	before := NewTrends(c, discard())
	require.Empty(t, offer(before, o, ramp(300, 1000, 0)...))
	var stored []byte
	before.OnMedians = func(medians []episode.TrendMedian) {
		var err error
		stored, err = json.Marshal(medians)
		require.NoError(t, err)
	}
	before.keepMedians(began)
	before.OnMedians = func([]episode.TrendMedian) { require.Fail(t, "too often") }
	before.keepMedians(began.Add(mediansEvery - time.Second))

	var earlier []episode.TrendMedian
	require.NoError(t, json.Unmarshal(stored, &earlier))
	after := NewTrends(c, discard())
	after.RestoreMedians(earlier)
	after.Now = func() time.Time { return began.Add(6 * time.Hour) }
	require.Equal(t, earlier, after.Medians(), "a process that ends at once loses nothing")
	after.Now = func() time.Time { return began.Add(9 * 24 * time.Hour) }
	require.Empty(t, after.Medians(), "the job is gone")
	o.Sample.T = began.Add(270 * time.Minute) // the refill repeats a part of what is known
	fired := offer(after, o, ramp(60, 400, 0)...)
	require.Len(t, fired, 1)
	require.InDelta(t, 500, *after.All()[0].Limit, 1)

	o.EpochKey = "e2"
	o.Sample.T = began.Add(331 * time.Minute)
	offer(after, o, 400)
	require.ErrorIs(t, after.All()[0].Unknown, errNoMedian, "a new epoch has no past")
}
