package production_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
)

// wandering are n blocks of each epoch of a job whose capacity wanders by 10 %, without a change:
// successive blocks have the correlation rho.
func wandering(es []episode.Epoch, n int, rho float64, random *rand.Rand) (ms []episode.Measurement) {
	level := random.NormFloat64()
	for _, e := range es {
		for i := range n {
			level = rho*level + math.Sqrt(1-rho*rho)*random.NormFloat64()
			at, v := e.Began.Add(time.Duration(i)*block), 1000*math.Exp(0.1*level)
			ms = append(ms, episode.Measurement{
				Kind: episode.KindWindow, Cluster: e.Cluster, Job: e.Job, EpochKey: e.Key, Began: at, Ended: at.Add(block),
				Throughput: new(100.0), Capacity: &v,
			})
		}
	}
	return ms
}

// TestBlocksThatAreAlikeMakeFewVerdicts: of an epoch that changed nothing, at most 5 of 100 get one.
func TestBlocksThatAreAlikeMakeFewVerdicts(t *testing.T) {
	const runs = 300
	for _, rho := range []float64{0, 0.5, 0.7, 0.9} {
		random := rand.New(rand.NewPCG(18, uint64(100*rho)))
		wrong := 0
		for range runs {
			table := production.Table(epochs()[:2], wandering(epochs()[:2], 80, rho, random), block)
			if table.Rows[1].Verdict != outcome.Unclear {
				wrong++
			}
		}
		t.Logf("rho %g: %d of %d", rho, wrong, runs)
		require.LessOrEqual(t, wrong, runs*5/100, "rho %g", rho)
	}
}

// TestBlocksNearTheChangeCount: the last ones of the baseline, and the first ones after it.
func TestBlocksNearTheChangeCount(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 1))
	es := epochs()[:2]
	early, late := es[0], es[1]
	late.Began = late.Began.Add(production.MaxBlocks * block)
	es[0].Began = es[0].Began.Add(-20 * block)
	early.Began = es[0].Began
	ms := measured(early, 20, 100, 5000, random)
	early.Began = es[1].Began.Add(-production.MaxBlocks * block)
	ms = append(ms, measured(early, production.MaxBlocks, 100, 1000, random)...)
	ms = append(ms, measured(es[1], production.MaxBlocks, 100, 1300, random)...)
	ms = append(ms, measured(late, 20, 100, 5000, random)...)
	table := production.Table(es, ms, block)
	require.Len(t, table.Rows, 2)
	for i, want := range []float64{1000, 1300} {
		require.InDelta(t, want, *table.Rows[i].Throughput, 20)
		require.Equal(t, production.MaxBlocks, *table.Rows[i].Deployments)
	}
}
