package snapshot

// Thresholds of shares of time.
const (
	// backpressured is the share from which a vertex counts as backpressured: it waits
	// for a downstream vertex for most of the time. Flink's web UI calls it HIGH.
	backpressured = 0.5
	// busy is the share from which a vertex counts as busy. The rest of the time is
	// reserve for bursts.
	busy = 0.8
)

// Bottleneck returns the vertex that limits the job's throughput. It goes from the sources
// to the first vertex that is busy and not backpressured, because vertices after a
// bottleneck are idle and vertices before it are backpressured. If the job keeps up, no
// vertex is busy. Then the result is the busiest vertex, which is the limit if the input
// grows; of equally busy vertices it is the one nearest to the sources. The share of the
// busiest subtask counts, because it limits the others. ok is false while no vertex has a
// known share of time.
//
// See "Identifying the bottleneck" in Flink's article on backpressure,
// https://flink.apache.org/2021/07/07/how-to-identify-the-source-of-backpressure/.
func (j Job) Bottleneck() (found Vertex, ok bool) {
	for _, v := range j.Vertices { // in Flink's order: sources first
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
