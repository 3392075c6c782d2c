package snapshot

// Thresholds of shares of time.
const (
	// backpressured is the share from which a vertex counts as backpressured: it waits
	// for one downstream more than it does anything else. Flink's web UI calls it HIGH.
	backpressured = 0.5
	// busy is the share from which a vertex counts as busy: bursts need the little room
	// that is left.
	busy = 0.8
)

// Bottleneck returns the vertex that limits the job's throughput. It walks the graph from
// the sources to the first vertex that is busy and not backpressured: vertices after a
// bottleneck are idle, and vertices before it are backpressured. In a job that keeps up
// no vertex is busy; then it is the busiest vertex, which will be the limit when there is
// more to do, and of equal ones the one nearer to the sources. The busiest subtask
// counts, because it limits the others. ok is false while no vertex has a known share of
// time.
//
// See "Identifying the bottleneck" in Flink's article on backpressure,
// https://flink.apache.org/2021/07/07/how-to-identify-the-source-of-backpressure/.
func (j Job) Bottleneck() (found Vertex, ok bool) {
	for _, v := range j.Vertices { // Flink lists them from the sources on
		if v.Busy == nil || v.Backpressured != nil && v.Backpressured.Mean >= backpressured {
			continue
		}
		if !ok || v.Busy.Max > found.Busy.Max {
			found, ok = v, true
		}
		if found.Busy.Max >= busy {
			return found, true
		}
	}
	return found, ok
}
