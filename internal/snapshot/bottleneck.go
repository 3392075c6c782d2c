package snapshot

// Thresholds of shares of time.
const (
	// heldBack is from where a vertex counts as backpressured: it waits for one
	// downstream more than it does anything else. Flink's web UI calls it HIGH.
	heldBack = 0.5
	// busy is from where a vertex counts as busy: little room is left, and what
	// there is goes to bursts.
	busy = 0.8
)

// Bottleneck returns the vertex that limits the job's throughput, walking the
// graph from the sources: the first that is busy and not held back by another.
// What is behind a bottleneck is idle, and what is before it is backpressured.
// In a job that keeps up no vertex is busy; then it is the one that will be the
// limit when there is more to do: the busiest, of equal ones that nearer to the
// sources. The busiest subtask counts, because it holds up the others. ok is
// false while no vertex has a known share of time.
//
// See "Identifying the bottleneck" in Flink's article on backpressure,
// https://flink.apache.org/2021/07/07/how-to-identify-the-source-of-backpressure/.
func (j Job) Bottleneck() (found Vertex, ok bool) {
	for _, v := range j.Vertices { // Flink lists them from the sources on
		if v.Busy == nil || v.Backpressured != nil && v.Backpressured.Mean >= heldBack {
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
