package figures

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// The rule for warm-up: iterations at the beginning whose throughput is below this share
// of the median of the later ones, or at a fixed rate, where the throughput is the rate, whose
// median latency is above this multiple of that of the later ones. At most half of all are
// marked, so that at least two are left.
const (
	WarmUpShare   = 0.9
	WarmUpLatency = 2
)

// WarmUpRule is the rule in words, for a rate of the plan.
func WarmUpRule(rate float64) string {
	text := fmt.Sprintf("an iteration at the beginning is warm-up while its throughput is below %.0f %% of the median of "+
		"the later ones", 100*WarmUpShare)
	if rate > 0 {
		text += fmt.Sprintf(", or its median latency at the slowest sink is more than %d times that of the later ones",
			WarmUpLatency)
	}
	return text + "; at most half of the iterations are"
}

// MarkWarmUp marks the iterations at the beginning that belong to the start of the job.
func MarkWarmUp(iterations []scalerun.Iteration, rate float64) {
	for i := range iterations {
		iterations[i].WarmUp = false
	}
	for i := range len(iterations) / 2 {
		later := iterations[i+1:]
		if len(later) < 2 || iterations[i].Throughput == nil {
			return
		}
		if !slowAtFirst(iterations[i], later) && (rate == 0 || !lateAtFirst(iterations[i], later)) {
			return
		}
		iterations[i].WarmUp = true
	}
}

func slowAtFirst(it scalerun.Iteration, later []scalerun.Iteration) bool {
	median, ok := medianOf(later, func(it scalerun.Iteration) *float64 { return it.Throughput })
	return ok && *it.Throughput < WarmUpShare*median
}

func lateAtFirst(it scalerun.Iteration, later []scalerun.Iteration) bool {
	own := slowestMedian(it)
	median, ok := medianOf(later, slowestMedian)
	return ok && own != nil && *own > WarmUpLatency*median
}

// slowestMedian is the median latency at the slowest sink in seconds; nil if unknown.
func slowestMedian(it scalerun.Iteration) (slowest *float64) {
	for _, sink := range it.Sinks {
		slowest = Later(slowest, sink.Latency.P50)
	}
	return slowest
}

func medianOf(iterations []scalerun.Iteration, of func(scalerun.Iteration) *float64) (float64, bool) {
	var values []float64
	for _, it := range iterations {
		if v := of(it); v != nil {
			values = append(values, *v)
		}
	}
	return stat.Median(values)
}
