package prediction_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/prediction"
)

const (
	// alikeFrom and alikeTo are the correlations of successive blocks that are simulated.
	alikeFrom, alikeTo = 0.5, 0.9
	// falsePercent is how many of 100 changes that do nothing get a verdict at most.
	falsePercent = 5
)

// wandering are n blocks before and m after a change that does nothing, of a job whose capacity
// wanders by 10 %: successive blocks have the correlation rho.
func wandering(random *rand.Rand, rho float64, n, m int) prediction.Data {
	d := prediction.Data{Job: orders, Block: block, Now: changed.Add(time.Duration(m) * block)}
	level := random.NormFloat64()
	for i := -n; i < m; i++ {
		level = rho*level + math.Sqrt(1-rho*rho)*random.NormFloat64()
		p := job("old", 1000*math.Exp(0.1*level), nil)
		if i >= 0 {
			p.epoch = "new"
		}
		d.Measurements = append(d.Measurements, p.blocks(changed.Add(time.Duration(i)*block), 1)...)
	}
	return d
}

// TestBlocksThatAreAlikeMakeFewVerdicts follows changes that do nothing from the first look to the
// second one. Taken for independent, blocks make a verdict of a quarter of them and more.
func TestBlocksThatAreAlikeMakeFewVerdicts(t *testing.T) {
	const runs = 300
	for _, rho := range []float64{0, alikeFrom, 0.7, alikeTo} {
		random := rand.New(rand.NewPCG(17, uint64(100*rho)))
		count := map[episode.OutcomeResult]int{}
		for range runs {
			all := wandering(random, rho, prediction.MaxBlocks, prediction.MaxBlocks)
			early := all
			early.Now = changed.Add(prediction.MinBlocks * block)
			o := prediction.Measure(finding(0, 40), theChange(), early)
			if !o.Final {
				o = prediction.Measure(finding(0, 40), theChange(), all)
			}
			count[o.Result]++
		}
		t.Logf("rho %g: %v of %d", rho, count, runs)
		require.LessOrEqual(t, count[episode.Hit]+count[episode.Opposite], runs*falsePercent/100, "rho %g", rho)
	}
}

// TestDocumentedFalseVerdicts: docs/history.md says what is assumed of successive blocks, and how often
// that is wrong.
func TestDocumentedFalseVerdicts(t *testing.T) {
	documenttest.Says(t, "../../../docs/history.md", fmt.Sprintf(
		"correlations of %g to %g at most %d of 100 changes that do nothing get a verdict", alikeFrom, alikeTo, falsePercent))
}
