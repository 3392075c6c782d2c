package outcome

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
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
// [InputOver]; false if there are too few.
func Input(measured []episode.Measurement) (rate float64, known bool) {
	var rates []float64
	for _, m := range measured {
		if m.Throughput != nil {
			rates = append(rates, *m.Throughput)
		}
	}
	rate, known = stat.Quantile(rates, inputQuantile)
	return rate, known && len(rates) >= minInputs
}
