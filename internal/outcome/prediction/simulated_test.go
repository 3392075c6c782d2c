package prediction_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/prediction"
)

// drawn is a job drawn at random: its load has a daily wave and jumps, minutes are missing, and after a change it
// drains a backlog, faster than it runs later, while its sources may be silent.
type drawn struct {
	random *rand.Rand
	// effect is the true change of the capacity, as the logarithm of a ratio.
	effect            float64
	noise, blockNoise float64
	wave, missing     float64
	// catchesUp is how many blocks the backlog lasts, silent whether it is unknown meanwhile.
	catchesUp int
	silent    bool
	// blocks are those after the change.
	blocks int
}

func draw(random *rand.Rand, effect float64) drawn {
	return drawn{
		random: random, effect: effect, noise: 0.02 + 0.08*random.Float64(), blockNoise: 0.01 + 0.04*random.Float64(),
		wave: 0.4 * random.Float64(), missing: 0.4 * random.Float64(), catchesUp: random.IntN(15),
		silent: random.IntN(2) == 0, blocks: random.IntN(80),
	}
}

// data are the measurements of 60 blocks before the change, and those after it.
func (j drawn) data() prediction.Data {
	d := prediction.Data{Job: orders, Block: block, Now: changed.Add(time.Duration(j.blocks) * block)}
	for i := -60; i < j.blocks; i++ {
		level := j.blockNoise * j.random.NormFloat64()
		epoch, backlog := "old", new(0.0)
		if i >= 0 {
			epoch, level = "new", level+j.effect
		}
		behind := i >= 0 && i < j.catchesUp
		if behind {
			level += 0.4 // large batches need less time for each record
			if backlog = new(1e6); j.silent {
				backlog = nil
			}
		}
		p := production{
			of: orders, epoch: epoch, load: 100 * (1 + j.wave*math.Sin(float64(i)/48*2*math.Pi)) * (1 + 0.03*j.random.NormFloat64()),
			capacity: 1000 * math.Exp(level), noise: j.noise, backlog: backlog, random: j.random,
		}
		for _, m := range p.blocks(changed.Add(time.Duration(i)*block), 1) {
			if j.random.Float64() >= j.missing {
				d.Measurements = append(d.Measurements, m)
			}
		}
	}
	return d
}

// TestAThousandChangesInBothDirections: nothing, gains and losses of any size, in jobs drawn at random,
// with predictions drawn at random. A verdict in the wrong direction is as rare as 95 % permits, none
// comes from fewer than ten blocks, and a verdict that is a hit is inside the prediction.
func TestAThousandChangesInBothDirections(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 17))
	count := map[string]map[episode.OutcomeResult]int{"nothing": {}, "gain": {}, "loss": {}}
	for range 1000 {
		effect, kind := 0.0, "nothing"
		switch random.IntN(5) {
		case 0, 1:
			effect, kind = math.Log(1.05+0.55*random.Float64()), "gain"
		case 2:
			effect, kind = math.Log(0.6+0.35*random.Float64()), "loss"
		}
		j := draw(random, effect)
		low := 40 * random.Float64()
		o := prediction.Measure(finding(low, low+5+60*random.Float64()), theChange(), j.data())
		count[kind][o.Result]++
		switch o.Result {
		case episode.Hit:
			require.GreaterOrEqual(t, min(o.UnitsBefore, o.UnitsAfter), prediction.MinBlocks)
			require.Positive(t, *o.Low)
			require.True(t, *o.Change >= *o.PredictedLow && *o.Change <= *o.PredictedHigh, "%+v", o)
			require.LessOrEqual(t, *o.Detectable, *o.PredictedHigh)
		case episode.Opposite:
			require.GreaterOrEqual(t, min(o.UnitsBefore, o.UnitsAfter), prediction.MinBlocks)
			require.Negative(t, *o.High)
		}
		if j.blocks-j.catchesUp < prediction.MinBlocks {
			require.Equal(t, episode.Unmeasurable, o.Result, "%+v %+v", j, o)
		}
	}
	t.Log(count)
	all := func(of map[episode.OutcomeResult]int) (n int) {
		for _, c := range of {
			n += c
		}
		return n
	}
	wrong := func(kind string, result episode.OutcomeResult) float64 {
		return float64(count[kind][result]) / float64(all(count[kind]))
	}
	require.Less(t, wrong("nothing", episode.Hit), 0.025)
	require.Less(t, wrong("nothing", episode.Opposite), 0.025)
	require.Less(t, wrong("gain", episode.Opposite), 0.01)
	require.Less(t, wrong("loss", episode.Hit), 0.01)
	require.Greater(t, count["gain"][episode.Hit], 50, "the simulation has hits")
	require.Greater(t, count["loss"][episode.Opposite], 50, "and the opposite")
}
