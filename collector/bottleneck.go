package collector

// heldBack is the share of time from which a vertex counts as backpressured: it
// waits for one downstream more than it does anything else.
const heldBack = 0.5

// Bottleneck returns the vertex that limits the job's throughput: the busiest of
// those that are not held back themselves. What is behind a bottleneck is idle,
// what is before it is backpressured, and only it is busy; the mean over the
// subtasks decides, and of two equal ones that nearer to the sources. ok is false
// while no vertex has a known share of time.
//
// See "Identifying the bottleneck" in Flink's article on backpressure,
// https://flink.apache.org/2021/07/07/how-to-identify-the-source-of-backpressure/.
func (j Job) Bottleneck() (found Vertex, ok bool) {
	for _, v := range j.Vertices {
		if v.Busy == nil || v.Backpressured != nil && v.Backpressured.Mean >= heldBack {
			continue
		}
		if !ok || v.Busy.Mean > found.Busy.Mean {
			found, ok = v, true
		}
	}
	return found, ok
}
