package production_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
)

const block = 30 * time.Minute

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// epochs are three of one job, oldest first, two days each.
func epochs() (out []episode.Epoch) {
	for i, change := range []string{"", "plan", "flink"} {
		e := episode.Epoch{
			Key: fmt.Sprintf("key%d", i), Cluster: "prod", Job: "orders", Began: began.Add(time.Duration(48*i) * time.Hour),
		}
		if change != "" {
			e.Changes = []episode.Change{{What: change}}
		}
		out = append(out, e)
	}
	return out
}

// measured are n blocks of an epoch.
func measured(e episode.Epoch, n int, load, capacity float64, random *rand.Rand) (ms []episode.Measurement) {
	for i := range n * 3 {
		at := e.Began.Add(time.Duration(i) * block / 3)
		v, p99, cpu := capacity*math.Exp(0.03*random.NormFloat64()), 0.5, 20.0
		ms = append(ms, episode.Measurement{
			Kind: episode.KindWindow, Cluster: e.Cluster, Job: e.Job, EpochKey: e.Key, Began: at, Ended: at.Add(block / 3),
			Throughput: &load, Capacity: &v, CPUPerMillion: &cpu,
			Hops: []episode.Hop{{Name: episode.HopVisible, Count: 3, P50: 0.1, P99: p99}},
		})
	}
	return ms
}

func TestTableOfEpochs(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	es := epochs()
	ms := measured(es[0], 20, 100, 1000, random)
	ms = append(ms, measured(es[1], 20, 110, 1300, random)...)
	ms = append(ms, measured(es[2], 9, 100, 1500, random)...)
	table := production.Table(es, ms, block)
	require.Len(t, table.Rows, 3)
	require.True(t, table.Rows[0].Baseline)
	require.InDelta(t, 1000, *table.Rows[0].Throughput, 20)
	require.Equal(t, outcome.Better, table.Rows[1].Verdict)
	require.InDelta(t, 30, *table.Rows[1].Improvement, 3)
	require.Equal(t, "2026-03-03 12:00 plan", table.Rows[1].Change)
	require.Equal(t, outcome.TooFew, table.Rows[2].Verdict, "nine blocks are not ten")
	require.Nil(t, table.Rows[2].Low)
	require.InDelta(t, 0.5, *table.Rows[0].LatencyP99, 1e-9)
	require.InDelta(t, 20, *table.Rows[0].CPUPerMillion, 1e-9)
}

// TestEpochsAtAnotherLoad: they are left out, and the table says so.
func TestEpochsAtAnotherLoad(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	es := epochs()[:2]
	ms := append(measured(es[0], 20, 100, 1000, random), measured(es[1], 20, 200, 1300, random)...)
	table := production.Table(es, ms, block)
	require.Len(t, table.Rows, 1)
	require.Contains(t, table.Warnings, "2026-03-03 12:00 plan: there is no block at the load of the baseline")
	require.Empty(t, production.Table(nil, nil, block).Rows)
}

func TestFindEpochs(t *testing.T) {
	es := epochs()
	newestFirst := []episode.Epoch{es[2], es[1], es[0], {Key: "key9", Cluster: "prod", Job: "billing", Began: began}}
	for name, want := range map[string]int{"key0": 3, "key1": 2, "2026-03-06T00:00:00Z": 1} {
		found, err := production.Find(newestFirst[:3], name)
		require.NoError(t, err)
		require.Len(t, found, want, name)
	}
	_, err := production.Find(newestFirst, "key")
	require.ErrorContains(t, err, "several jobs")
	_, err = production.Find(newestFirst, "nothing")
	require.ErrorContains(t, err, `there is no epoch "nothing" (the newest are key2 of orders since`)
	_, err = production.Find(nil, "x")
	require.ErrorContains(t, err, "the history has none yet")
	_, err = production.Find(newestFirst, "")
	require.Error(t, err)
}
