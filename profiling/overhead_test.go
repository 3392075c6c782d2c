package profiling

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// TestOverheadOfAProfile has a job that reads 100 records per second, 90 while it is
// profiled, and an unknown rate after that.
func TestOverheadOfAProfile(t *testing.T) {
	c := newOverhead()
	began := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	poll := func(second int, read *snapshot.Reading) {
		c.polled(snapshot.State{
			Cluster: snapshot.Cluster{Name: "eu"},
			Jobs:    []snapshot.Job{{Name: "orders", Read: read}},
		}, began.Add(time.Duration(second)*time.Second))
	}
	records := 0.0
	for second := 0; second <= 100; second += 5 {
		poll(second, &snapshot.Reading{Uptime: float64(1000 + second), SourceRecords: records})
		rate := 100.0
		if second >= 60 && second < 90 {
			rate = 90
		}
		records += 5 * rate
	}
	c.ran(episode.JobRef{Cluster: "eu", Job: "orders"}, began.Add(60*time.Second), began.Add(90*time.Second))
	before, during := c.around(episode.JobRef{Cluster: "eu", Job: "orders"}, began.Add(60*time.Second),
		began.Add(90*time.Second))
	require.InDelta(t, 100, *before, 1e-9)
	require.InDelta(t, 90, *during, 1e-9)
	before, during = c.around(episode.JobRef{Cluster: "us", Job: "orders"}, began.Add(60*time.Second),
		began.Add(90*time.Second))
	require.Nil(t, before, "unknown is not zero")
	require.Nil(t, during)
	poll(149, nil)
	require.Zero(t, testutil.CollectAndCount(c.throughput), "the minute after is not over")
	c.polled(listing("us"), began.Add(200*time.Second))
	require.Zero(t, testutil.CollectAndCount(c.throughput), "another cluster's poll")
	poll(150, nil)
	require.NoError(t, testutil.CollectAndCompare(c.throughput, strings.NewReader(`
# HELP flink_sidecar_profile_throughput_records_per_second Records per second that the job's sources read in the minute before the last profile, during it, and in the minute after; absent if unknown.
# TYPE flink_sidecar_profile_throughput_records_per_second gauge
flink_sidecar_profile_throughput_records_per_second{cluster="eu",job="orders",phase="after"} 100
flink_sidecar_profile_throughput_records_per_second{cluster="eu",job="orders",phase="before"} 100
flink_sidecar_profile_throughput_records_per_second{cluster="eu",job="orders",phase="during"} 90
`)))
	require.Empty(t, c.runs)

	c.ran(episode.JobRef{Cluster: "eu", Job: "orders"}, began.Add(200*time.Second), began.Add(230*time.Second))
	poll(300, nil)
	require.Zero(t, testutil.CollectAndCount(c.throughput), "of the last profile nothing is known")
	poll(900, nil)
	require.Empty(t, c.readings)
}

func TestRateWithin(t *testing.T) {
	at := func(second int, uptime, records float64) readAt {
		return readAt{time.Unix(int64(second), 0), snapshot.Reading{Uptime: uptime, SourceRecords: records}}
	}
	require.Nil(t, rateWithin([]readAt{at(1, 1, 1)}, time.Unix(0, 0), time.Unix(9, 0)))
	require.Nil(t, rateWithin([]readAt{at(1, 100, 100), at(2, 3, 10)}, time.Unix(0, 0), time.Unix(9, 0)),
		"the job began anew")
	rate := rateWithin([]readAt{at(1, 1, 0), at(2, 2, 10), at(4, 4, 50), at(8, 8, 1000)}, time.Unix(2, 0),
		time.Unix(4, 0))
	require.InDelta(t, 20, *rate, 0)
}
