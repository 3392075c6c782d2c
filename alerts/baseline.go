package alerts

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// baseline is the past of a signal in the present epoch, for its median. It keeps at most
// maxBaseline values: when it is full it drops every second one, and then keeps only samples that
// are so far apart. So the kept values stay evenly spread over the epoch, however dense its samples
// are.
type baseline struct {
	epoch       string
	began, last time.Time // of the first sample, and of the last that was kept
	values      []float64
	apart       time.Duration
	// median is that of so many values, because sorting is too slow for each evaluation.
	median float64
	of     int
}

const maxBaseline = 256

func (b *baseline) add(epoch string, s series.Sample) {
	if epoch != "" && epoch != b.epoch {
		if b.epoch != "" {
			*b = baseline{}
		}
		b.epoch = epoch
	}
	if b.began.IsZero() {
		b.began = s.T
	}
	if s.T.Sub(b.last) < b.apart {
		return
	}
	if len(b.values) == maxBaseline {
		for i := range maxBaseline / 2 {
			b.values[i] = b.values[2*i]
		}
		b.values = b.values[:maxBaseline/2]
		b.apart = s.T.Sub(b.began) / (maxBaseline / 2)
	}
	b.values, b.last = append(b.values, s.V), s.T
	b.of = 0
}

// median is the median of the present epoch; nil if the rule needs none, or until a window
// of the epoch has passed.
func (t *track) median() *float64 {
	b := t.baseline
	if b == nil || len(b.values) < t.rule.MinSamples || t.offered.Sub(b.began) < t.rule.Window {
		return nil
	}
	if b.of != len(b.values) {
		b.median, _ = stat.Median(b.values)
		b.of = len(b.values)
	}
	median := b.median
	return &median
}
