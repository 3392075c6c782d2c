package outcome

import (
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// InputOver is how far back today's input reaches.
const InputOver = 24 * time.Hour

const (
	// minInputs is how many standing measurements the quantile needs.
	minInputs = 20
	// inputQuantile leaves out rare peaks.
	inputQuantile = 0.95
)

// Input is the 95 % quantile of the records per second that a job read in measurements of
// [InputOver]; false if there are too few. What was measured during one of the job's scale tests
// is left out: that is the load of the test.
func Input(measured []episode.Measurement, tests []scalerun.Test) (rate float64, known bool) {
	var rates []float64
	for _, m := range measured {
		if m.Throughput != nil && !Loaded(m, tests) {
			rates = append(rates, *m.Throughput)
		}
	}
	rate, known = stat.Quantile(rates, inputQuantile)
	return rate, known && len(rates) >= minInputs
}

// loadEnds is how long after a test a measurement may still show its load: Flink's rates are means
// over a minute.
const loadEnds = time.Minute

// Loaded reports whether a test of the job ran during a measurement, or just before.
func Loaded(m episode.Measurement, tests []scalerun.Test) bool {
	return slices.ContainsFunc(tests, func(t scalerun.Test) bool {
		return t.JobRef() == m.JobRef() && m.Began.Before(endOf(t).Add(loadEnds)) && m.Ended.After(t.Began)
	})
}

// endOf is when a test ended. One whose process was killed ended with its last iteration.
func endOf(t scalerun.Test) time.Time {
	ended := t.Ended
	if !ended.IsZero() {
		return ended
	}
	ended = t.Began
	for _, it := range t.Iterations {
		took := 0.0
		for _, seconds := range []*float64{it.ToKafkaSeconds, it.ToAllSinksSeconds} {
			if seconds != nil {
				took = max(took, *seconds)
			}
		}
		if end := it.Started.Add(time.Duration(took * float64(time.Second))); end.After(ended) {
			ended = end
		}
	}
	return ended
}
