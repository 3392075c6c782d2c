package snapshot

// Limits say which vertices of a job matter for its throughput.
type Limits struct {
	// BottleneckID is the vertex that limits the job: the last saturated one on the way
	// downstream. It is empty while no subtask of any vertex is busy for 80 % of the time,
	// and while that is unknown.
	BottleneckID string
	// BusiestID is the vertex that limits the job or, if none does, the one that would be
	// the first if the input grew; empty while unknown.
	BusiestID string
}

// Bottleneck returns the vertex that limits the job's throughput; ok is false if none does
// or it is unknown.
func (j Job) Bottleneck() (v Vertex, ok bool) { return j.Vertex(j.BottleneckID) }

// Busiest returns the vertex to look at: the one that limits the job, or else the busiest
// one. ok is false while that is unknown.
func (j Job) Busiest() (v Vertex, ok bool) { return j.Vertex(j.BusiestID) }
