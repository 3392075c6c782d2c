package successive

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestPauses(t *testing.T) {
	gc := func(young, old float64) flink.Values {
		return flink.Values{
			metricnames.GCTime("G1_Young_Generation"): young,
			metricnames.GCTime("G1_Old_Generation"):   old, metricnames.GCTime("G1_Concurrent_GC"): 1e9,
			metricnames.GCTime("All"): 1e9,
		}
	}
	start := time.Unix(1000, 0)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	var p Pauses
	require.Nil(t, p.Share("tm", gc(100, 0), at(0)), "one look is none")
	require.InDelta(t, 0.1, *p.Share("tm", gc(100, 1500), at(15)), 1e-9)
	for second := 30; second <= 60; second += 15 {
		p.Share("tm", gc(100, 1500), at(second))
	}
	require.InDelta(t, 0, *p.Share("tm", gc(100, 1500), at(75)), 1e-9, "that was more than a minute ago")
	require.Nil(t, p.Share("tm", gc(5, 0), at(90)), "the process began anew")
	require.Nil(t, p.Share("other", nil, at(90)), "nothing is known")
	require.InDelta(t, 1, *p.Share("tm", gc(90_000, 0), at(91)), 0, "never more than all of it")
	p.Keep([]exposition.TaskManager{{TaskManager: snapshot.TaskManager{ID: "other"}}})
	require.Empty(t, p.seen)
}
