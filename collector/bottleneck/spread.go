package bottleneck

import "github.com/flink-sidecar/flink-sidecar/internal/snapshot"

// Spread is how far backpressure has spread upstream of the vertex that limits the job: the mean
// share of time in which the vertices before it wait. With three of them it is 1/3 when the
// first one always waits, and 1 when the sources do too. It is 0 where no vertex limits the job,
// and where none is before the one that does. It is nil where a share of time is not known.
func Spread(vertices []snapshot.Vertex, bottleneck string) *float64 {
	var sum, n float64
	for _, v := range vertices {
		switch {
		case bottleneck == "" && v.Busy == nil:
			return nil // it may be the limit
		case bottleneck == "" || !leadsTo(v, snapshot.Vertex{ID: bottleneck}, vertices):
		case v.Backpressured == nil:
			return nil
		default:
			sum, n = sum+v.Backpressured.Mean, n+1
		}
	}
	spread := sum / max(1, n)
	if len(vertices) == 0 {
		return nil
	}
	return &spread
}
