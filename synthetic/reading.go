package synthetic

import (
	"context"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// SourceView tells how far the probed job has read its source topic.
type SourceView interface {
	// ReadOffsets returns what the job has read of the topic; nil while that is not known.
	ReadOffsets() *snapshot.ReadOffsets
}

// readingEvery is the time between two questions for a new look. A look is as new as the
// collector's last poll of Flink.
const readingEvery = 500 * time.Millisecond

// followReading passes each new look to the tracker until ctx ends.
func (p *Prober) followReading(ctx context.Context) {
	var last time.Time
	for wait.For(ctx, readingEvery) == nil {
		found := p.reading.ReadOffsets()
		switch {
		case found == nil && !last.IsZero():
			last = time.Time{}
			p.recorder.Note(func(t *account.Tracker) { t.Looked(nil) })
		case found != nil && !found.At.Equal(last):
			last = found.At
			l := &account.Look{At: p.momentOf(found.At), Last: found.Last, Age: found.Age}
			p.recorder.Update(func(t *account.Tracker) { t.Looked(l) })
		}
	}
}

// momentOf converts a time of this process, which still has Go's monotonic reading.
func (p *Prober) momentOf(at time.Time) clock.Moment {
	now := p.clock()
	return now.Add(at.Sub(now.Wall))
}

// ingestedUpperBound summarises the bounds among samples; nil if there are none.
func ingestedUpperBound(samples []account.Sample) *episode.UpperBound {
	var values []float64
	out := &episode.UpperBound{}
	for _, s := range samples {
		if s.Quality == account.Bound {
			values = append(values, s.Latency.Seconds())
			out.Resolution = max(out.Resolution, s.Resolution.Seconds())
		}
	}
	if len(values) == 0 {
		return nil
	}
	out.Count, out.Max = len(values), slices.Max(values)
	out.P50, _ = stat.Quantile(values, 0.50)
	out.P99, _ = stat.Quantile(values, 0.99)
	return out
}
