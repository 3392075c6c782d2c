package scaletest

import (
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/limit"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
)

// Throttle makes the generator of a test slow.
func (t *Test) Throttle(perSecond float64) { t.throttle = perSecond }

// SlicesAndWhole measures n planted records in one process, and in several.
func SlicesAndWhole(n, shards int, due, took func(i int) time.Duration) (parts []scalerun.Slice, whole scalerun.Iteration) {
	measure := func(part load.Part) (scalerun.Iteration, *ledger) {
		l := newLedger(ulid.Make(), part, n, 4, 2)
		for i := range l.n {
			k := part.Global(i)
			l.hand(i, int64(due(k)), int64(due(k))+int64(k%7)*1e6)
			l.publish(i + 1)
			l.answer(i, nil)
			l.acked[i] = l.sent[i] + 2e6
		}
		for _, k := range swapped(n) {
			if k%max(1, part.Of) != part.Index {
				continue
			}
			i := k / max(1, part.Of)
			l.sight(0, i, 0, l.due[i]+int64(took(k)))
			if k%50 != 3 {
				l.sight(1, i, 0, l.due[i]+2*int64(took(k)))
			}
		}
		it := scalerun.Iteration{Iteration: 1, Sinks: map[string]scalerun.Sink{"a": l.sink(0), "b": l.sink(1)}}
		l.sums(&it)
		l.throughput(&it, []string{"a", "b"})
		return it, l
	}
	for s := range shards {
		it, l := measure(load.Part{Of: shards, Index: s})
		parts = append(parts, l.slice(it, []string{"a", "b"}))
	}
	whole, _ = measure(load.Part{})
	return parts, whole
}

// swapped returns n indexes in which every twentieth record of each of four source partitions
// is after the next one of its partition.
func swapped(n int) []int {
	order := make([]int, n)
	for k := range order {
		order[k] = k
	}
	for k := range n - 4 {
		if k/4%20 == 13 {
			order[k], order[k+4] = order[k+4], order[k]
		}
	}
	return order
}

// NumbersOfTheGuide are the sentences of docs/scaletest.md that hold constants.
func NumbersOfTheGuide() []string {
	return []string{
		fmt.Sprintf("lasted less than %s, or less than %d refresh intervals", plain(minLength), refreshes),
		fmt.Sprintf("99 %% quantile of the publish delay above %s", plain(figures.LateAtLeast)),
		fmt.Sprintf("its throughput is below %.0f %%\nof the median", 100*figures.WarmUpShare),
		fmt.Sprintf("R, and %d times R in the middle third", load.PeakFactor),
		fmt.Sprintf("needs at most %d trials", limit.MaxTrials),
		fmt.Sprintf("grows by less than %.0f %% of the rate", 100*limit.GrowthShare),
		fmt.Sprintf("is at most\n%.0f %% higher", 100*(limit.Resolution-1)),
		fmt.Sprintf("more than %d times that of the later ones", figures.WarmUpLatency),
		fmt.Sprintf("begin %s later", plain(steadyAfter)),
		fmt.Sprintf("for iterations of %s or longer", plain(minCPUSpan)),
	}
}

func plain(d time.Duration) string { return units.Replace(d.String()) }

var units = strings.NewReplacer("ms", " ms", "s", " s")

// Lengths are those of trials of a rate whose line is uncertain by so much, until one is not made
// longer, in a test of so many records.
func Lengths(rate, uncertain float64, most int) (lengths []float64) {
	t := &Test{plan: Plan{MaxRecords: most}}
	for range 100 {
		growth, low, high := 0.0, -uncertain, uncertain
		trial := scalerun.Trial{
			Rate: rate, Verdict: scalerun.Undecided, Growth: &growth, GrowthLow: &low, GrowthHigh: &high,
		}
		if !t.lengthen(&trial) {
			break
		}
		lengths = append(lengths, t.trialSeconds)
	}
	return lengths
}
