package production_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
)

// TestCollectorKeepsEpochsApart: a configuration that comes back is an epoch of its own, and a
// measurement of two epochs, of none or of another job does not count.
func TestCollectorKeepsEpochsApart(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	es := epochs()
	es[2].Key = es[0].Key
	collector := production.NewCollector(es, block)
	var ms []episode.Measurement
	for i, e := range es {
		ms = append(ms, measured(e, 4+i, 100, 1000, random)...)
	}
	across := measured(es[0], 1, 100, 9000, random)[0]
	across.Began, across.Ended = es[1].Began.Add(-time.Minute), es[1].Began.Add(29*time.Minute)
	early := across
	early.Began, early.Ended = began.Add(-time.Hour), began.Add(-time.Minute)
	other := measured(es[0], 1, 100, 9000, random)[0]
	other.Job = "billing"
	ms = append(ms, across, early, other)
	random.Shuffle(len(ms), func(i, j int) { ms[i], ms[j] = ms[j], ms[i] })
	for _, m := range ms {
		collector.Add(m)
	}
	found := collector.Blocks()
	for i, blocks := range found {
		require.Len(t, blocks, 4+i)
		require.True(t, slices.IsSortedFunc(blocks, func(a, b production.Block) int { return a.Began.Compare(b.Began) }))
		require.Equal(t, es[i].Began, blocks[0].Began)
		require.Less(t, blocks[0].Value, 8.0, "a capacity of 9000 is of no epoch")
	}
}
