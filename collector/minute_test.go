package collector

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// TestTheFullestOfSeveralSources has a vertex with two chained sources, and metrics of the
// user whose names end alike.
func TestTheFullestOfSeveralSources(t *testing.T) {
	found := flink.Aggregates{
		"Source__a.pendingRecords":        {Max: 10},
		"Source__b.pendingRecords":        {Max: 70},
		"Source__b.mine.pendingRecords":   {Max: 900},
		"enrich.pendingRecords":           {Max: 800},
		"Source__a.numRecordsInPerSecond": {Max: 5},
	}
	for range 20 { // in any order of the names
		require.InDelta(t, 70, *mostOver(found, metricnames.PendingRecords), 0)
	}
	require.Nil(t, mostOver(found, metricnames.RecordsOutRate))
}
